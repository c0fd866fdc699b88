#include "proxy/libpq/connection_parameters.hpp"

namespace wakegate::proxy {
namespace {

const char* sslmode_of(tls::backend_mode mode) {
    switch (mode) {
    case tls::backend_mode::disable:
        return "disable";
    case tls::backend_mode::prefer:
        return "prefer";
    case tls::backend_mode::require:
        return "require";
    case tls::backend_mode::verify_ca:
        return "verify-ca";
    case tls::backend_mode::verify_full:
        break;
    }
    return "verify-full";
}

} // namespace

std::vector<std::pair<const char*, std::string>>
connection_parameters(const server_login& login, const boost::asio::ip::tcp::endpoint& endpoint) {
    const auto& secured = login.tls;
    const std::string missing_file = "/nonexistent"; // an empty text would mean libpq's default
    const auto file = [&missing_file](const std::string& name) {
        return name.empty() ? missing_file : name;
    };
    // hostaddr, so that libpq never looks a name up, which would block this thread; `host` is the
    // name that it asks TLS for. Kerberos and password files are kept out for the same reason.
    return {
        {"hostaddr", endpoint.address().to_string()},
        {"host", secured.server_name.empty() ? login.host : secured.server_name},
        {"port", std::to_string(endpoint.port())},
        {"user", login.user},
        {"password", login.password},
        {"dbname", login.database},
        {"sslmode", sslmode_of(secured.mode)},
        {"sslrootcert", file(secured.ca)},
        {"sslcert", file(secured.certificate)},
        {"sslkey", file(secured.key)},
        {"gssencmode", "disable"},
        {"application_name", login.application_name},
        {"passfile", missing_file},
    };
}

} // namespace wakegate::proxy
