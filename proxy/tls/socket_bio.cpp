#include "proxy/tls/socket_bio.hpp"

#include <cerrno>
#include <cstddef>
#include <new>

#include <sys/socket.h>

namespace wakegate::tls {
namespace {

socket_feed& feed_of(BIO* bio) {
    return *static_cast<socket_feed*>(BIO_get_data(bio));
}

int read_some(BIO* bio, char* room, std::size_t size, std::size_t* count) {
    auto& feed = feed_of(bio);
    BIO_clear_retry_flags(bio);
    *count = 0;
    if (feed.drained && !feed.to_the_end) {
        BIO_set_retry_read(bio);
        return 0;
    }
    if (feed.fruitless > most_fruitless) {
        feed.ended = true;
        return 0;
    }
    ssize_t result = 0;
    do {
        result = ::recv(feed.descriptor, room, size, MSG_DONTWAIT);
    } while (result < 0 && errno == EINTR);
    if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        feed.drained = true;
        BIO_set_retry_read(bio);
        return 0;
    }
    if (result <= 0) {
        feed.error = result < 0 && feed.error == 0 ? errno : feed.error;
        feed.ended = true; // a reset as well: nothing comes any more
        return 0;
    }
    *count = static_cast<std::size_t>(result);
    feed.fruitless += *count;
    // A short read has emptied the socket, and its next byte makes a new edge (epoll(7)).
    feed.drained = *count < size;
    return 1;
}

int write_all(BIO* bio, const char* data, std::size_t size, std::size_t* count) {
    BIO_clear_retry_flags(bio);
    feed_of(bio).out->append(data, size);
    *count = size;
    return 1;
}

long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) {
        return feed_of(bio).ended ? 1 : 0;
    }
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* make_method() {
    auto* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wakegate socket");
    if (made == nullptr || BIO_meth_set_read_ex(made, read_some) != 1 ||
        BIO_meth_set_write_ex(made, write_all) != 1 || BIO_meth_set_ctrl(made, control) != 1) {
        throw std::bad_alloc();
    }
    return made;
}

} // namespace

bio_pointer make_socket_bio(socket_feed& feed) {
    static const BIO_METHOD* const method = make_method();
    bio_pointer made(BIO_new(method));
    if (made == nullptr) {
        throw std::bad_alloc();
    }
    BIO_set_data(made.get(), &feed);
    BIO_set_init(made.get(), 1);
    return made;
}

} // namespace wakegate::tls
