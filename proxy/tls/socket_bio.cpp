#include "proxy/tls/socket_bio.hpp"

#include <cerrno>
#include <cstddef>
#include <new>

#include <sys/socket.h>

namespace wakegate::tls {
namespace {

socket_bio_state& state_of(BIO* bio) {
    return *static_cast<socket_bio_state*>(BIO_get_data(bio));
}

int read_some(BIO* bio, char* room, std::size_t size, std::size_t* count) {
    auto& state = state_of(bio);
    BIO_clear_retry_flags(bio);
    *count = 0;
    if (state.drained && !state.expect_eof) {
        BIO_set_retry_read(bio);
        return 0;
    }
    if (state.bytes_without_data > max_bytes_without_data) {
        state.ended = true;
        return 0;
    }
    ssize_t result = 0;
    do {
        result = ::recv(state.descriptor, room, size, MSG_DONTWAIT);
    } while (result < 0 && errno == EINTR);
    if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        state.drained = true;
        BIO_set_retry_read(bio);
        return 0;
    }
    if (result <= 0) {
        state.error = result < 0 && state.error == 0 ? errno : state.error;
        state.ended = true; // a reset as well: nothing comes any more
        return 0;
    }
    *count = static_cast<std::size_t>(result);
    state.bytes_without_data += *count;
    // A short read has emptied the socket, and its next byte makes a new edge (epoll(7)).
    state.drained = *count < size;
    return 1;
}

int write_all(BIO* bio, const char* data, std::size_t size, std::size_t* count) {
    BIO_clear_retry_flags(bio);
    state_of(bio).out->append(data, size);
    *count = size;
    return 1;
}

long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) {
        return state_of(bio).ended ? 1 : 0;
    }
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* make_method() {
    auto* const created =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wakegate socket");
    if (created == nullptr || BIO_meth_set_read_ex(created, read_some) != 1 ||
        BIO_meth_set_write_ex(created, write_all) != 1 ||
        BIO_meth_set_ctrl(created, control) != 1) {
        throw std::bad_alloc();
    }
    return created;
}

} // namespace

bio_pointer make_socket_bio(socket_bio_state& state) {
    static const BIO_METHOD* const method = make_method();
    bio_pointer bio(BIO_new(method));
    if (bio == nullptr) {
        throw std::bad_alloc();
    }
    BIO_set_data(bio.get(), &state);
    BIO_set_init(bio.get(), 1);
    return bio;
}

} // namespace wakegate::tls
