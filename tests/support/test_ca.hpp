// A certificate authority of the test's own, made when it runs: nothing to expire, nothing to commit.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace gatehouse::test {

/// Certificate chain and key of a server, as files.
struct IssuedIdentity {
    std::string certificate;
    std::string key;
};

class TestCa {
public:
    TestCa();
    ~TestCa();
    TestCa(const TestCa&) = delete;
    TestCa& operator=(const TestCa&) = delete;

    /// The authority's own certificate, as PEM.
    std::string ca_file() const;
    /// `subject` as in a certificate: `DNS:localhost` or `IP:127.0.0.1`, several with commas.
    IssuedIdentity issue(const std::string& subject);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::test
