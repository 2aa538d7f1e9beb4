// The built binary as a process of its own: started with its configuration, watched, signalled by its id, and
// always gone at the end of the test.
#pragma once

#include "support/raw_client.hpp"

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::process {

/// A directory of the test's own.
class Place {
public:
    Place();
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
    /// Replaces the file as a whole, as an editor does; answers with its path.
    std::string write(std::string_view name, std::string_view text) const;

private:
    std::filesystem::path path_;
};

/// How a process ended: by its own exit, or by a signal.
struct End {
    int exit_code{-1};
    int signal{0};
};

class Process {
public:
    struct Conditions {
        std::vector<std::pair<std::string, std::string>> environment{};
        std::optional<rlimit> descriptors{};
        std::string standard_input{};
    };

    /// Starts `gatehouse` with these arguments.
    explicit Process(std::vector<std::string> arguments);
    Process(std::vector<std::string> arguments, const Conditions& conditions);
    /// Kills it, if it still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t id() const noexcept { return id_; }
    void signal(int number) const;
    /// Waits for the end; throws when it does not come.
    End end(std::chrono::milliseconds limit = std::chrono::seconds(20));
    bool is_running();

    std::string standard_output() const;
    std::string standard_error() const;

private:
    bool has_ended();

    Place place_;
    pid_t id_{-1};
    std::optional<End> end_;
};

/// A gateway that serves: `gatehouse serve` on ports that it chose.
class Gateway {
public:
    static constexpr std::string_view operator_key = "gh-canary-of-the-operator-0123456789abcdef";

    /// Throws when it does not begin to listen.
    explicit Gateway(const std::string& config_file);
    Gateway(const std::string& config_file, const Process::Conditions& conditions);

    Process& process() noexcept { return process_; }
    std::uint16_t port() const noexcept { return port_; }
    std::uint16_t admin_port() const noexcept { return admin_port_; }

    test::RawResponse ask(std::string_view method, std::string_view path, std::string_view body = {},
                          std::string_view fields = {}) const;
    /// The admin listener, with the operator's key.
    test::RawResponse admin(std::string_view path) const;
    /// Did a line with this event get logged?
    bool has_logged(std::string_view event) const;
    std::string log() const { return process_.standard_output(); }

private:
    std::uint16_t port_of(std::string_view door);

    Process process_;
    std::uint16_t port_{0};
    std::uint16_t admin_port_{0};
};

/// The bytes of one request.
std::string request(std::string_view method, std::string_view path, std::string_view body = {},
                    std::string_view fields = {});
/// A chat body for that model.
std::string chat(std::string_view model);

}  // namespace gatehouse::process
