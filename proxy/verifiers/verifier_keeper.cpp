#include "proxy/verifiers/verifier_keeper.hpp"

#include "common/clock.hpp"
#include "common/log.hpp"

#include <exception>
#include <utility>

namespace wakegate::proxy {
namespace {

/// How often the operator's files are looked at. Kubernetes takes a minute to bring a new Secret to
/// its mounts.
constexpr auto files_look = seconds(5);

} // namespace

verifier_keeper::verifier_keeper(
    boost::asio::io_context& control, std::string cluster, verifier_settings from
)
    : cluster_(std::move(cluster)),
      files_(std::move(from.files)),
      roles_(std::move(from.roles)),
      files_timer_(control) {}

void verifier_keeper::start() {
    if (!files_.path().empty()) {
        look_again_later();
    }
}

void verifier_keeper::look_again_later() {
    files_timer_.expires_after(files_look);
    files_timer_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) {
            look_at_files();
            look_again_later();
        }
    });
}

void verifier_keeper::look_at_files() {
    try {
        const auto book = files_.read_if_changed();
        if (book == nullptr) {
            return;
        }
        log::info("roles_loaded")
            .with("cluster", cluster_)
            .with("path", files_.path())
            .with("roles", book->size());
        roles_->replace_files(book);
    } catch (const std::exception& problem) {
        log::warning("roles_kept").with("cluster", cluster_).with("reason", problem.what());
    }
}

} // namespace wakegate::proxy
