#pragma once

#include "proxy/tls/backend_settings.hpp"
#include "proxy/tls/listener_settings.hpp"

#include <string>
#include <vector>

namespace wakegate::tls {

struct key_pair_files {
    std::string certificate;
    std::string key;
};

/// The pairs that the settings name, the default one first. A directory is laid out as cert-manager
/// and Kubernetes mount their Secrets: tls.crt and tls.key in it, or in subdirectories of it, which
/// are taken in the order of their names; hidden ones, such as ..data, belong to the mount.
/// Throws `configuration_error` when there is none, or half of one.
[[nodiscard]] std::vector<key_pair_files> find_key_pairs(const listener_settings& settings);

/// A text that changes whenever one of the files is rewritten, replaced or mounted again, and when
/// pairs are added or removed. Never fails: that a file can't be read is part of the text.
[[nodiscard]] std::string files_state(const listener_settings& settings);
[[nodiscard]] std::string files_state(const backend_settings& settings);

} // namespace wakegate::tls
