#include "proxy/config/cancel_section.hpp"

#include "common/configuration_error.hpp"
#include "proxy/config/secret_mode.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>

namespace wakegate::proxy {
namespace {

constexpr std::uint64_t max_per_second = 1'000'000;
constexpr std::size_t max_secret_size = 4'096;

/// A file's bytes, overwritten after use.
struct secret_bytes {
    std::string bytes;

    secret_bytes() = default;
    secret_bytes(const secret_bytes&) = delete;
    secret_bytes& operator=(const secret_bytes&) = delete;

    ~secret_bytes() { OPENSSL_cleanse(bytes.data(), bytes.size()); }

    /// The final newline does not count, unless it is one of 32 random bytes.
    [[nodiscard]] std::string_view view() const {
        const std::string_view all = bytes;
        const bool is_line = all.size() > cancel_secrets::min_size && all.ends_with('\n');
        return is_line ? all.substr(0, all.size() - 1) : all;
    }
};

void read_secret(const yaml_map& node, std::string_view key, secret_bytes& config) {
    const auto path = node.file(key);
    if (path.empty()) {
        return;
    }
    warn_if_others_can_read(node, key, path, "the secret");
    std::ifstream file(path, std::ios::binary);
    config.bytes.resize(max_secret_size + 1);
    file.read(config.bytes.data(), static_cast<std::streamsize>(config.bytes.size()));
    config.bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    const auto size = config.view().size();
    if (size < cancel_secrets::min_size || size > max_secret_size) {
        node.fail(
            key,
            fmt::format(
                "'{}' holds {} bytes, {} to {} are needed; `openssl rand -hex 32` makes 64",
                path,
                size > max_secret_size ? "too many" : std::to_string(size),
                std::size_t{cancel_secrets::min_size},
                max_secret_size
            )
        );
    }
}

std::shared_ptr<const cancel_secrets> read_secrets(const yaml_map& node) {
    secret_bytes current;
    secret_bytes previous;
    read_secret(node, "secret_file", current);
    read_secret(node, "previous_secret_file", previous);
    if (current.bytes.empty()) {
        return nullptr;
    }
    try {
        return std::make_shared<const cancel_secrets>(current.view(), previous.view());
    } catch (const configuration_error& problem) {
        node.fail("previous_secret_file", problem.what());
    }
}

/// What replicas share needs a common secret.
void check_replicas(const yaml_map& node, const cancel_settings& config) {
    for (const std::string_view key : {"previous_secret_file", "listen", "peers"}) {
        const bool says_something = node.has(key) && (key != "peers" || !config.peers.empty());
        if (says_something && config.secrets == nullptr) {
            node.fail(
                key, "needs secret_file, the same on all replicas; `openssl rand -hex 32` makes one"
            );
        }
    }
    if (config.peers.empty() == config.listen.has_value()) {
        node.fail(config.listen ? "listen" : "peers", "listen and peers belong together");
    }
}

} // namespace

cancel_settings read_cancel(const yaml_map& node, const proxy_config& config) {
    cancel_settings settings;
    settings.secrets = read_secrets(node);
    settings.listen = node.optional_listen_address("listen");
    settings.peers = node.addresses("peers");
    auto& rate = settings.rate;
    const auto limit = [&node](std::string_view key, std::uint32_t fallback) {
        return static_cast<std::uint32_t>(node.number(key, fallback, 1, max_per_second));
    };
    rate.per_second = limit("per_second", rate.per_second);
    rate.burst = limit("burst", rate.burst);
    node.reject_unknown_keys();
    check_replicas(node, settings);
    settings.has_server_keys = std::any_of(
        config.clusters.begin(),
        config.clusters.end(),
        [](const cluster_config& cluster) { return cluster.settings.roles == nullptr; }
    );
    return settings;
}

} // namespace wakegate::proxy
