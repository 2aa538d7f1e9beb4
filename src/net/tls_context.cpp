#include "tls_context.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <string_view>
#include <system_error>
#include <utility>

namespace gatehouse::net {
namespace {

constexpr std::array<unsigned char, 9> http_1_1 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// Picks http/1.1 if it is offered; a client that offers only others is served as one that offers none.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*nothing*/) {
    unsigned char* out = nullptr;
    const int outcome =
        SSL_select_next_proto(&out, chosen_size, http_1_1.data(), http_1_1.size(), offered, offered_size);
    if (outcome != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *chosen = out;
    return SSL_TLSEXT_ERR_OK;
}

/// Instead of OpenSSL's own, which asks on the terminal: nobody is there.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*nothing*/) {
    return -1;
}

SslContext make_context(const SSL_METHOD* method) {
    SslContext context(SSL_CTX_new(method));
    if (!context) {
        return context;
    }
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(),
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> parsed;
    return inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

Problem bad_file(std::string_view what, const std::string& file) {
    std::string message(what);
    message.append(" ").append(file).append(": ").append(tls_error_text());
    return Problem(ProblemKind::invalid_configuration, std::move(message));
}

}  // namespace

std::string tls_error_text() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (ERR_SYSTEM_ERROR(code)) {
        return std::system_category().message(ERR_GET_REASON(code));
    }
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason != nullptr ? reason : "unknown error";
}

TlsIdentity::TlsIdentity(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsIdentity::~TlsIdentity() = default;

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::load(const TlsServerOptions& options) {
    ERR_clear_error();
    SslContext context = make_context(TLS_server_method());
    if (!context) {
        return Problem(ProblemKind::invalid_configuration, "no TLS: " + tls_error_text());
    }
    SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(context.get(), options.certificate.c_str()) != 1) {
        return bad_file("cannot use the certificate", options.certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return bad_file("cannot use the key", options.key);
    }
    if (SSL_CTX_check_private_key(context.get()) != 1) {
        return bad_file("the certificate does not belong to the key", options.key);
    }
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    auto state = std::make_unique<State>();
    state->context = std::move(context);
    return std::shared_ptr<const TlsIdentity>(std::make_shared<TlsIdentity>(std::move(state)));
}

SslHandle server_side(const TlsIdentity& identity) {
    SslHandle ssl(SSL_new(identity.state().context.get()));
    if (ssl) {
        SSL_set_accept_state(ssl.get());
    }
    return ssl;
}

Result<SslHandle> TlsTrust::client_side(const std::string& host, const std::string& ca_file) {
    struct stat info{};
    if (!ca_file.empty() && ::stat(ca_file.c_str(), &info) != 0) {
        return Problem(ProblemKind::upstream_tls, "the CA file cannot be read", Retry::elsewhere);
    }
    Entry& entry = entries_[ca_file];
    if (!entry.context || entry.changed != info.st_mtime) {
        ERR_clear_error();
        SslContext context = make_context(TLS_client_method());
        if (!context || SSL_CTX_set_default_verify_paths(context.get()) != 1) {
            return Problem(ProblemKind::upstream_tls, "no system trust store", Retry::elsewhere);
        }
        if (!ca_file.empty() && SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1) {
            return Problem(ProblemKind::upstream_tls, "the CA file cannot be used", Retry::elsewhere);
        }
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_alpn_protos(context.get(), http_1_1.data(), http_1_1.size());
        entry.context = std::move(context);
        entry.changed = info.st_mtime;
    }
    SslHandle ssl(SSL_new(entry.context.get()));
    bool named = static_cast<bool>(ssl);
    if (named && is_address(host)) {
        named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) == 1;
    } else if (named) {
        SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        // The macro for the server name casts in the C way; this is what it stands for.
        std::string name = host;
        named =
            SSL_set1_host(ssl.get(), host.c_str()) == 1 &&
            SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
    }
    if (!named) {
        return Problem(ProblemKind::upstream_tls, "the host's name cannot be verified", Retry::elsewhere);
    }
    SSL_set_connect_state(ssl.get());
    return ssl;
}

}  // namespace gatehouse::net
