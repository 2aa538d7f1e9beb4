#include "process.hpp"

#include "support/eventually.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace gatehouse::process {
namespace {

using test::eventually;

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// The test's own environment with these variables set.
std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& more) {
    std::vector<std::string> all;
    for (char** each = environ; *each != nullptr; ++each) {
        all.emplace_back(*each);
    }
    for (const auto& [name, value] : more) {
        all.push_back(name + "=" + value);
    }
    return all;
}

}  // namespace

Place::Place() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-process-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no directory for the test");
    }
    path_ = pattern;
}

Place::~Place() {
    std::error_code left_behind;
    std::filesystem::remove_all(path_, left_behind);
}

std::string Place::write(std::string_view name, std::string_view text) const {
    const auto file = path_ / name;
    const auto fresh = path_ / (std::string(name) + ".new");
    std::ofstream(fresh) << text;
    std::filesystem::rename(fresh, file);
    return file.string();
}

Process::Process(std::vector<std::string> arguments) : Process(std::move(arguments), Conditions()) {}

Process::Process(std::vector<std::string> arguments, const Conditions& conditions) {
    arguments.insert(arguments.begin(), GATEHOUSE_BINARY);
    auto environment = environment_with(conditions.environment);
    const auto argument_pointers = pointers_to(arguments);
    const auto environment_pointers = pointers_to(environment);
    const std::string out = (place_ / "out").string();
    const std::string err = (place_ / "err").string();
    const std::string in = place_.write("in", conditions.standard_input);
    const std::string home = (place_ / "").string();  // what it writes by default goes with the test
    id_ = ::fork();
    if (id_ < 0) {
        throw std::runtime_error("no process for the test");
    }
    if (id_ == 0) {
        // Only what is safe between fork and exec.
        const int to_out = ::open(out.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
        const int to_err = ::open(err.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
        const int from_in = ::open(in.c_str(), O_RDONLY);
        const bool ready =
            ::dup2(from_in, 0) == 0 && ::dup2(to_out, 1) == 1 && ::dup2(to_err, 2) == 2 &&
            ::chdir(home.c_str()) == 0 &&
            (!conditions.descriptors || ::setrlimit(RLIMIT_NOFILE, &*conditions.descriptors) == 0);
        ::close(to_out);
        ::close(to_err);
        ::close(from_in);
        if (ready) {
            ::execve(GATEHOUSE_BINARY, argument_pointers.data(), environment_pointers.data());
        }
        ::_exit(127);
    }
}

Process::~Process() {
    if (!has_ended()) {
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
    }
}

void Process::signal(int number) const {
    if (::kill(id_, number) != 0) {
        throw std::runtime_error("the process is gone");
    }
}

bool Process::has_ended() {
    int status = 0;
    if (!end_ && ::waitpid(id_, &status, WNOHANG) == id_) {
        end_ = WIFEXITED(status) ? End{WEXITSTATUS(status), 0} : End{-1, WTERMSIG(status)};
    }
    return end_.has_value();
}

bool Process::is_running() {
    return !has_ended();
}

End Process::end(std::chrono::milliseconds limit) {
    if (!eventually([this] { return has_ended(); }, limit)) {
        throw std::runtime_error("the process does not end; it wrote " + standard_output() +
                                 standard_error());
    }
    return *end_;
}

std::string Process::standard_output() const {
    return text_of(place_ / "out");
}

std::string Process::standard_error() const {
    return text_of(place_ / "err");
}

Gateway::Gateway(const std::string& config_file) : Gateway(config_file, Process::Conditions()) {}

Gateway::Gateway(const std::string& config_file, const Process::Conditions& conditions)
    : process_({"serve", "--config", config_file, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"},
               conditions) {
    const bool listens = eventually(
        [this] {
            port_ = port_of("client");
            admin_port_ = port_of("admin");
            return (port_ != 0 && admin_port_ != 0) || !process_.is_running();
        },
        std::chrono::seconds(20));
    if (!listens || port_ == 0 || admin_port_ == 0) {
        throw std::runtime_error("the gateway does not listen: " + process_.standard_output() +
                                 process_.standard_error());
    }
}

/// From the line that says so; 0 while there is none.
std::uint16_t Gateway::port_of(std::string_view door) {
    std::istringstream lines(process_.standard_output());
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
        const auto told = nlohmann::json::parse(line);
        if (told["event"] == "listening" && told["door"] == door) {
            const std::string address = told["address"];
            return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
        }
    }
    return 0;
}

test::RawResponse Gateway::ask(std::string_view method, std::string_view path, std::string_view body,
                               std::string_view fields) const {
    test::RawClient client(port_);
    return client.exchange(request(method, path, body, fields));
}

test::RawResponse Gateway::admin(std::string_view path) const {
    test::RawClient client(admin_port_);
    return client.exchange(
        request("GET", path, {}, fmt::format("Authorization: Bearer {}\r\n", operator_key)));
}

bool Gateway::has_logged(std::string_view event) const {
    return process_.standard_output().find(fmt::format("\"event\":\"{}\"", event)) != std::string::npos;
}

std::string request(std::string_view method, std::string_view path, std::string_view body,
                    std::string_view fields) {
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}", method, path, fields);
    if (!body.empty()) {
        text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
    }
    return text + "\r\n" + std::string(body);
}

std::string chat(std::string_view model) {
    return fmt::format(R"({{"model":"{}","messages":[{{"role":"user","content":"Hello"}}]}})", model);
}

}  // namespace gatehouse::process
