#include "proxy/wire/protocol_version.hpp"

#include "proxy/wire/bytes.hpp"

namespace wakegate::wire {

namespace {

constexpr std::string_view protocol_option_prefix = "_pq_.";

std::uint32_t newest_not_above(std::uint32_t requested) noexcept {
    return requested >= protocol_3_2 ? protocol_3_2 : protocol_3_0;
}

} // namespace

std::optional<negotiated_protocol> negotiate_protocol(const startup_message& startup) {
    if (startup.protocol >> 16 != protocol_3_0 >> 16) {
        return std::nullopt;
    }
    negotiated_protocol negotiated{.version = newest_not_above(startup.protocol)};
    for (const auto& [name, value] : startup.parameters) {
        if (name.starts_with(protocol_option_prefix)) {
            negotiated.unrecognised.push_back(name);
        }
    }
    if (negotiated.version != startup.protocol || !negotiated.unrecognised.empty()) {
        negotiated.negotiate_message =
            negotiate_protocol_version(negotiated.version, negotiated.unrecognised);
    }
    return negotiated;
}

std::string
negotiate_protocol_version(std::uint32_t version, const std::vector<std::string>& unrecognised) {
    std::string body;
    append_uint32(body, version);
    append_uint32(body, static_cast<std::uint32_t>(unrecognised.size()));
    for (const auto& name : unrecognised) {
        body += name;
        body.push_back('\0');
    }
    std::string message = "v";
    append_uint32(message, static_cast<std::uint32_t>(sizeof(std::uint32_t) + body.size()));
    return message + body;
}

} // namespace wakegate::wire
