#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace wakegate::wire {

/// The client asks for TLS (80877103) or GSSAPI encryption (80877104); answered with one byte.
/// Postgres reads the request's code alone, whatever its length.
struct ssl_request {};

struct gss_request {};

/// Asks to stop a query (80877102). `key` is the BackendKeyData body: process id and secret, 8
/// bytes up to protocol 3.1, up to 260 since 3.2.
struct cancel_request {
    std::string key;
};

/// A StartupMessage of any 3.x protocol. Parameters keep their order; names and values are bytes.
struct startup_message {
    std::uint32_t protocol = 0; ///< 0x00030000 for 3.0
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string raw; ///< the whole message, length included, to be replayed to the server as it is

    /// The value of `name`, or an empty view. The last one counts when a name comes twice, as in
    /// Postgres (ProcessStartupPacket).
    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept;
    /// As the server cuts it, see `truncate_name`.
    [[nodiscard]] std::string_view user() const noexcept;
    /// The same; the user's name when the client names no database, as Postgres does it.
    [[nodiscard]] std::string_view database() const noexcept;
};

enum class startup_error {
    unsupported_protocol, ///< another major version, or an unknown request code
    invalid_layout,       ///< names and values do not end where the message does
    no_user,
};

/// A first message that Postgres answers with an error (ereport(FATAL) in ProcessStartupPacket).
struct rejected_startup {
    startup_error error{};
    std::uint32_t protocol = 0; ///< the message's own
};

/// A first message at which Postgres closes the connection without an answer (ereport(COMMERROR)):
/// a length out of range, so whatever is not this protocol at all, a Terminate too, and a
/// CancelRequest without a key. `reason` is for a log.
struct malformed_startup {
    std::string reason;
};

using startup_packet = std::variant<
    ssl_request,
    gss_request,
    cancel_request,
    startup_message,
    rejected_startup,
    malformed_startup>;

/// The first messages of a connection: protocol 3.x, "Start-up Phase" and "Message Formats". What
/// is taken and what is not follows ProcessStartupPacket (postmaster/postmaster.c; since 17
/// tcop/backend_startup.c).
///
///     startup_decoder decoder;
///     while (decoder.wanted() > 0) { read at most decoder.wanted() bytes; decoder.feed(them); }
///     auto first = decoder.take();      // and the decoder is ready for what follows an 'N'
///
/// For one connection. Never reads past the message. The second request for one kind of encryption
/// is an unsupported protocol.
class startup_decoder {
public:
    /// Of the whole message: MAX_STARTUP_PACKET_LENGTH in Postgres' src/include/libpq/pqcomm.h,
    /// which counts what follows the length word.
    static constexpr std::size_t max_length = 10'004;

    /// An SSLRequest has been agreed to: no other request for encryption follows it.
    void end_encryption_requests() noexcept;

    /// 0 as soon as the message is whole or its first bytes prove it malformed. Memory is taken as
    /// bytes arrive, never for a length that was only announced.
    [[nodiscard]] std::size_t wanted() const noexcept;
    /// `data` holds at most `wanted()` bytes, in any number of pieces.
    void feed(std::string_view data);
    /// Precondition: `wanted() == 0`.
    [[nodiscard]] startup_packet take();

private:
    /// What a message that begins like this is, if that is known already.
    [[nodiscard]] std::optional<startup_packet> early_end() const;
    [[nodiscard]] bool is_encryption_request(std::uint32_t code) const noexcept;

    std::string bytes_;
    bool takes_ssl_request_ = true;
    bool takes_gss_request_ = true;
};

} // namespace wakegate::wire
