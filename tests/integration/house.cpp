#include "house.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <future>
#include <iterator>
#include <stdexcept>

namespace gatehouse::integration {

House::House(Plan plan) {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no directory for the test");
    }
    directory_ = pattern;
    log_descriptor_ = ::open((directory_ / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    log_ = std::make_unique<telemetry::Log>(telemetry::LogOptions{}, log_descriptor_);
    telemetry::set_process_log(log_.get());
    write(plan);
    app::GatewayOptions options;
    options.config_file = (directory_ / "gatehouse.yaml").string();
    options.lanes = plan.lanes;
    auto made = app::Gateway::make(std::move(options));
    if (!made) {
        throw std::runtime_error(made.problem().message());
    }
    gateway_ = std::move(*made);
    gateway_->start();
}

House::~House() {
    gateway_.reset();
    telemetry::set_process_log(nullptr);
    log_.reset();
    ::close(log_descriptor_);
    std::error_code ignored;  // a directory that stays behind is no reason to fail
    std::filesystem::remove_all(directory_, ignored);
}

std::string House::yaml(const Plan& plan) const {
    return fmt::format(
        "data_dir: {}\n"
        "server: {{listen: \"127.0.0.1:0\", admin_listen: \"127.0.0.1:0\"{}{}}}\n"
        "telemetry: {{log: {{level: debug}}}}\n"
        "providers:\n  up: {{kind: openai, base_url: \"{}\", api_keys: [{}]{}{}}}\n"
        "  sim: {{kind: simulated, simulate: {{first_token: 1ms, per_token: 1ms}}}}\n{}"
        "models:\n{}"
        "keys:\n  - {{name: caller, value: {}{}{}}}\n  - {{name: operator, value: {}, admin: true}}\n{}",
        plan.data_dir.empty() ? (directory_ / "data").string() : plan.data_dir,
        plan.server.empty() ? "" : ", ", plan.server, plan.base_url, provider_key,
        plan.provider.empty() ? "" : ", ", plan.provider, plan.more_providers, plan.models, client_key,
        plan.caller.empty() ? "" : ", ", plan.caller, operator_key, plan.rest);
}

void House::write(const Plan& plan) {
    write_text(yaml(plan));
}

void House::write_text(std::string_view yaml) {
    const auto fresh = directory_ / "gatehouse.yaml.new";
    std::ofstream(fresh) << yaml;
    std::filesystem::rename(fresh, directory_ / "gatehouse.yaml");
}

Status House::reload() {
    auto ended = std::make_shared<std::promise<Status>>();
    auto result = ended->get_future();
    gateway_->reload([ended](Status status) { ended->set_value(std::move(status)); });
    if (result.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
        throw std::runtime_error("the reload does not end");
    }
    return result.get();
}

std::string House::post(std::string_view path, std::string_view body, std::string_view more_fields) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n"
        "{}Content-Length: {}\r\n\r\n{}",
        path, client_key, more_fields, body.size(), body);
}

test::RawResponse House::ask(std::string_view path, std::string_view body, std::string_view more_fields) {
    test::RawClient client(port());
    return client.exchange(post(path, body, more_fields));
}

test::RawResponse House::admin(std::string_view path) {
    test::RawClient client(admin_port());
    return client.exchange(fmt::format(
        "GET {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", path, operator_key));
}

test::RawResponse House::admin_post(std::string_view path, std::string_view body) {
    test::RawClient client(admin_port());
    return client.exchange(
        fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: "
                    "application/json\r\nContent-Length: {}\r\n\r\n{}",
                    path, operator_key, body.size(), body));
}

double House::metric(std::string_view series) {
    const auto text = admin("/metrics").body;
    const auto line = text.find(fmt::format("\n{} ", series));
    if (line == std::string::npos) {
        return 0;
    }
    double value = 0;
    const char* begin = text.data() + line + series.size() + 2;
    std::from_chars(begin, text.data() + text.size(), value);
    return value;
}

std::string House::log_text() {
    log_->flush();
    std::ifstream file(directory_ / "log");
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string chat(std::string_view model, std::string_view more) {
    return fmt::format(R"({{"model":"{}","messages":[{{"role":"user","content":"Hello"}}]{}}})", model, more);
}

}  // namespace gatehouse::integration
