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

constexpr std::uint64_t most_per_second = 1'000'000;
constexpr std::size_t max_secret_size = 4'096;

/// A file's bytes, overwritten when they are done with.
struct secret_bytes {
    std::string bytes;

    secret_bytes() = default;
    secret_bytes(const secret_bytes&) = delete;
    secret_bytes& operator=(const secret_bytes&) = delete;

    ~secret_bytes() { OPENSSL_cleanse(bytes.data(), bytes.size()); }

    /// A line's end is no part of the line, unless it is one of 32 random bytes.
    [[nodiscard]] std::string_view view() const {
        const std::string_view all = bytes;
        const bool is_line = all.size() > cancel_secrets::min_size && all.ends_with('\n');
        return is_line ? all.substr(0, all.size() - 1) : all;
    }
};

void read_secret(const yaml_map& from, std::string_view key, secret_bytes& made) {
    const auto path = from.file(key);
    if (path.empty()) {
        return;
    }
    warn_if_others_can_read(from, key, path, "the secret");
    std::ifstream file(path, std::ios::binary);
    made.bytes.resize(max_secret_size + 1);
    file.read(made.bytes.data(), static_cast<std::streamsize>(made.bytes.size()));
    made.bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    const auto size = made.view().size();
    if (size < cancel_secrets::min_size || size > max_secret_size) {
        from.fail(
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

std::shared_ptr<const cancel_secrets> read_secrets(const yaml_map& from) {
    secret_bytes current;
    secret_bytes previous;
    read_secret(from, "secret_file", current);
    read_secret(from, "previous_secret_file", previous);
    if (current.bytes.empty()) {
        return nullptr;
    }
    try {
        return std::make_shared<const cancel_secrets>(current.view(), previous.view());
    } catch (const configuration_error& problem) {
        from.fail("previous_secret_file", problem.what());
    }
}

/// What replicas do together needs what they share.
void check_replicas(const yaml_map& from, const cancel_settings& made) {
    for (const std::string_view key : {"previous_secret_file", "listen", "peers"}) {
        const bool says_something = from.has(key) && (key != "peers" || !made.peers.empty());
        if (says_something && made.secrets == nullptr) {
            from.fail(
                key, "needs secret_file, the same on all replicas; `openssl rand -hex 32` makes one"
            );
        }
    }
    if (made.peers.empty() == made.listen.has_value()) {
        from.fail(made.listen ? "listen" : "peers", "listen and peers belong together");
    }
}

} // namespace

cancel_settings read_cancel(const yaml_map& from, const proxy_config& made) {
    cancel_settings settings;
    settings.secrets = read_secrets(from);
    if (from.has("listen")) {
        settings.listen = from.required_listen_address("listen");
    }
    settings.peers = from.addresses("peers");
    auto& rate = settings.rate;
    const auto limit = [&from](std::string_view key, std::uint32_t fallback) {
        return static_cast<std::uint32_t>(from.number(key, fallback, 1, most_per_second));
    };
    rate.per_second = limit("per_second", rate.per_second);
    rate.burst = limit("burst", rate.burst);
    from.reject_unknown_keys();
    check_replicas(from, settings);
    settings.has_server_keys =
        std::any_of(made.clusters.begin(), made.clusters.end(), [](const cluster_config& one) {
            return one.settings.roles == nullptr;
        });
    return settings;
}

} // namespace wakegate::proxy
