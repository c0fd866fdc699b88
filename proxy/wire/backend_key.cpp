#include "proxy/wire/backend_key.hpp"

#include "proxy/wire/bytes.hpp"

#include <utility>

namespace wakegate::wire {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t header_size = 1 + length_size;
constexpr std::size_t min_key_size = 8;
constexpr std::size_t max_key_size = 260; // process id and a secret of 256 bytes, protocol 3.2

} // namespace

split_login_reply split_at_backend_key(std::string_view reply) {
    split_login_reply split;
    std::string since_key; // what came after the last one
    while (reply.size() >= header_size && reply.front() != 'Z') {
        const auto length = load_uint32(reply, 1);
        if (length < length_size || length > reply.size() - 1) {
            break;
        }
        const auto message = reply.substr(0, 1 + std::size_t{length});
        reply.remove_prefix(message.size());
        if (message.front() != 'K') {
            since_key.append(message);
            continue;
        }
        const auto key = message.substr(header_size);
        if (key.size() >= min_key_size && key.size() <= max_key_size) {
            split.before += std::exchange(since_key, {});
            split.key = key;
        }
    }
    since_key.append(reply);
    auto& rest = split.key.empty() ? split.before : split.after;
    rest = std::move(since_key);
    return split;
}

} // namespace wakegate::wire
