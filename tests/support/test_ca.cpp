#include "support/test_ca.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <stdexcept>

namespace gatehouse::test {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
    void operator()(FILE* file) const noexcept { fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

void must(bool held, const char* what) {
    if (!held) {
        throw std::runtime_error(std::string("test certificates: ") + what);
    }
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

Certificate make(EVP_PKEY* key, const std::string& name, long serial, X509* issuer, EVP_PKEY* issuer_key,
                 const std::string& subject) {
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 3600);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* title = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_NID(title, NID_commonName, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* signer = issuer != nullptr ? issuer : certificate.get();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
    if (issuer == nullptr) {
        extend(certificate.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
        extend(certificate.get(), signer, NID_key_usage, "critical,keyCertSign");
    } else {
        extend(certificate.get(), signer, NID_subject_alt_name, subject);
    }
    must(X509_sign(certificate.get(), issuer_key, EVP_sha256()) > 0, "signing");
    return certificate;
}

std::unique_ptr<FILE, Free> open_for_writing(const std::string& path) {
    std::unique_ptr<FILE, Free> file(fopen(path.c_str(), "w"));
    must(file != nullptr, "cannot write");
    return file;
}

void write(const std::string& path, X509* certificate) {
    const auto file = open_for_writing(path);
    must(PEM_write_X509(file.get(), certificate) == 1, "writing a certificate");
}

}  // namespace

struct TestCa::State {
    std::filesystem::path directory;
    Key key{EVP_EC_gen("P-256")};
    Certificate certificate;
    long serial{1};
};

TestCa::TestCa() : state_(std::make_unique<State>()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-ca-XXXXXX").string();
    must(mkdtemp(pattern.data()) != nullptr, "no directory");
    state_->directory = pattern;
    state_->certificate = make(state_->key.get(), "Gatehouse test authority", state_->serial, nullptr,
                               state_->key.get(), std::string());
    write(ca_file(), state_->certificate.get());
}

TestCa::~TestCa() {
    std::error_code left_behind;
    std::filesystem::remove_all(state_->directory, left_behind);
}

std::string TestCa::ca_file() const {
    return (state_->directory / "ca.pem").string();
}

IssuedIdentity TestCa::issue(const std::string& subject) {
    const long serial = ++state_->serial;
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = make(key.get(), "Gatehouse test server", serial,
                                         state_->certificate.get(), state_->key.get(), subject);
    const std::string stem = (state_->directory / std::to_string(serial)).string();
    IssuedIdentity identity{stem + ".pem", stem + ".key"};
    write(identity.certificate, certificate.get());
    const auto file = open_for_writing(identity.key);
    must(PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "writing a key");
    return identity;
}

}  // namespace gatehouse::test
