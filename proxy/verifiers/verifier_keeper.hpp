#pragma once

#include "proxy/auth/known_roles.hpp"
#include "proxy/verifiers/role_files.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>

namespace wakegate::proxy {

/// Where one cluster's verifiers come from.
struct verifier_settings {
    role_files files; ///< read once, for `roles`
    std::shared_ptr<auth::known_roles> roles;
};

/// Keeps what is known of one cluster's roles as new as its sources, on the control thread. Lives
/// until the control context has stopped.
class verifier_keeper {
public:
    verifier_keeper(boost::asio::io_context& control, std::string cluster, verifier_settings from);
    verifier_keeper(const verifier_keeper&) = delete;
    verifier_keeper& operator=(const verifier_keeper&) = delete;

    void start();

private:
    void look_at_files();
    void look_again_later();

    std::string cluster_;
    role_files files_;
    std::shared_ptr<auth::known_roles> roles_;
    boost::asio::steady_timer files_timer_;
};

} // namespace wakegate::proxy
