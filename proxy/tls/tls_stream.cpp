#include "proxy/tls/tls_stream.hpp"

#include "proxy/tls/certificate.hpp"
#include "proxy/tls/openssl.hpp"
#include "proxy/tls/socket_bio.hpp"

#include <openssl/err.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include <sys/socket.h>

namespace wakegate::tls {
namespace {

/// What OpenSSL has written during the current call. Empty between calls, so one for each thread
/// is enough; it grows to what the relay reads at once and the records around that.
thread_local std::string outbox;

/// More than one `send` of the relay can leave unsent: 256 KiB and the records around them. What
/// exceeds it is records of TLS's own, answers to a peer that does not read.
constexpr std::size_t max_send_backlog = std::size_t{512} * 1024;

/// Where `set_verify_error` finds the stream's `failure_` (SSL_set_app_data).
constexpr int app_data = 0;

bool would_block() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

} // namespace

void ssl_free::operator()(ssl_st* owned) const noexcept {
    SSL_free(owned);
}

tls_stream::tls_stream(ssl_pointer ssl, int descriptor)
    : ssl_(std::move(ssl)), bio_state_(std::make_unique<socket_bio_state>()) {
    if (ssl_ == nullptr) {
        throw std::bad_alloc();
    }
    bio_state_->descriptor = descriptor;
    auto bio = make_socket_bio(*bio_state_);
    auto* const both_ways = bio.release();
    SSL_set_bio(ssl_.get(), both_ways, both_ways);
    SSL_set_ex_data(ssl_.get(), app_data, &failure_);
}

tls_stream::~tls_stream() = default;

tls_stream::progress tls_stream::handshake() {
    if (!pending_write_.empty()) {
        const auto flushed = flush();
        if (flushed != progress::done) {
            return flushed;
        }
    }
    begin_call();
    const int result = SSL_do_handshake(ssl_.get());
    const int error = result == 1 ? SSL_ERROR_NONE : classify_result(result);
    const auto flushed = flush_outbox(); // also after a failure: OpenSSL's alert
    if (error == SSL_ERROR_WANT_READ) {
        return flushed == progress::done ? progress::want_read : flushed;
    }
    return error == SSL_ERROR_NONE ? flushed : progress::failed;
}

ssize_t tls_stream::receive(std::span<char> room) {
    may_have_more_ = true;
    begin_call();
    // Reads on if it fails: the peer may wait to be read first, or have left after sending data.
    [[maybe_unused]] const auto flushed = flush_outbox();
    if (has_send_backlog()) {
        errno = EAGAIN;
        return -1;
    }
    std::size_t total = 0;
    int error = SSL_ERROR_NONE;
    while (total < room.size() && error == SSL_ERROR_NONE) {
        std::size_t count = 0;
        const auto rest = room.subspan(total);
        const int result = SSL_read_ex(ssl_.get(), rest.data(), rest.size(), &count);
        total += count;
        bio_state_->bytes_without_data = count > 0 ? 0 : bio_state_->bytes_without_data;
        error = result == 1 ? SSL_ERROR_NONE : classify_result(result);
    }
    may_have_more_ = error != SSL_ERROR_WANT_READ;
    // A failure is reported by the next `send`; the peer may have sent data before it left.
    [[maybe_unused]] const auto answered = flush_outbox();
    if (total > 0) {
        return static_cast<ssize_t>(total);
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
        return 0;
    }
    errno = error == SSL_ERROR_WANT_READ ? EAGAIN : EPROTO;
    return -1;
}

tls_stream::progress tls_stream::send(std::string_view data) {
    begin_call();
    int error = SSL_ERROR_NONE;
    while (!data.empty() && error == SSL_ERROR_NONE) {
        std::size_t count = 0;
        const int result = SSL_write_ex(ssl_.get(), data.data(), data.size(), &count);
        data.remove_prefix(count);
        error = result == 1 ? SSL_ERROR_NONE : classify_result(result);
    }
    const auto flushed = flush_outbox();
    return error == SSL_ERROR_NONE ? flushed : progress::failed;
}

tls_stream::progress tls_stream::flush() {
    outbox.clear();
    return flush_outbox();
}

tls_stream::progress tls_stream::send_close_notify() {
    begin_call();
    if (!finished_) {
        finished_ = true;
        SSL_shutdown(ssl_.get()); // a second one would read
        ERR_clear_error();
    }
    return flush_outbox();
}

void tls_stream::mark_readable(bool expect_eof) noexcept {
    bio_state_->drained = false;
    bio_state_->expect_eof = bio_state_->expect_eof || expect_eof;
}

std::string_view tls_stream::alpn_protocol() const noexcept {
    const unsigned char* chosen = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
    return {reinterpret_cast<const char*>(chosen), size};
}

std::string tls_stream::server_name() const {
    const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? std::string() : normalize_server_name(name);
}

std::string tls_stream::own_end_point_hash() const {
    auto* const own = SSL_get_certificate(ssl_.get());
    return own == nullptr ? std::string() : end_point_hash(*own);
}

std::string tls_stream::peer_end_point_hash() const {
    auto* const peer = SSL_get0_peer_certificate(ssl_.get());
    return peer == nullptr ? std::string() : end_point_hash(*peer);
}

std::vector<std::string> tls_stream::peer_names() const {
    auto* const peer = SSL_get0_peer_certificate(ssl_.get());
    const bool is_verified = peer != nullptr && SSL_get_verify_result(ssl_.get()) == X509_V_OK;
    return is_verified ? client_names_of(*peer) : std::vector<std::string>();
}

void tls_stream::set_verify_error(ssl_st& ssl, std::string reason) {
    *static_cast<std::string*>(SSL_get_ex_data(&ssl, app_data)) = std::move(reason);
}

std::string_view tls_stream::version() const noexcept {
    return SSL_get_version(ssl_.get());
}

int tls_stream::socket_error() const noexcept {
    return bio_state_->error;
}

void tls_stream::begin_call() {
    ERR_clear_error();
    outbox.clear();
    bio_state_->out = &outbox;
}

int tls_stream::classify_result(int result) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_SSL) {
        is_tls_failure_ = true;
        auto reason = take_openssl_error();
        failure_ =
            failure_.empty() ? std::move(reason) : failure_; // `set_verify_error` is more precise
    }
    return error;
}

bool tls_stream::has_send_backlog() const noexcept {
    return pending_write_.size() > max_send_backlog;
}

tls_stream::progress tls_stream::flush_outbox() {
    if (write_failed_) {
        return progress::failed;
    }
    // In order: bytes that the socket has refused come first.
    auto& pending = pending_write_.empty() ? outbox : pending_write_.append(outbox);
    if (pending.empty()) {
        return progress::done;
    }
    ssize_t sent = 0;
    do {
        sent = ::send(
            bio_state_->descriptor, pending.data(), pending.size(), MSG_NOSIGNAL | MSG_DONTWAIT
        );
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && !would_block()) {
        // EPIPE is no cause: it follows an earlier error.
        bio_state_->error = bio_state_->error == 0 && errno != EPIPE ? errno : bio_state_->error;
        if (failure_.empty()) {
            failure_ = std::error_code(errno, std::generic_category()).message();
        }
        pending_write_ = std::string();
        write_failed_ = true;
        return progress::failed;
    }
    const auto size = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (size == pending.size()) {
        pending_write_ = std::string(); // and its memory
        return progress::done;
    }
    if (pending_write_.empty()) {
        pending_write_ = pending.substr(size);
    } else {
        pending_write_.erase(0, size);
    }
    return progress::want_write;
}

} // namespace wakegate::tls
