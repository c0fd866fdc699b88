#pragma once

#include "common/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>

namespace wakegate::proxy {

/// All deadlines of one io_context, behind one timer that checks them every `period` while there
/// are any. One timer each would be set, and mostly cancelled, several times a connection, at the
/// cost of a system call each time. One thread, the context's.
class deadline_sweep : public boost::asio::execution_context::service {
public:
    using key_type = deadline_sweep;

    static boost::asio::execution_context::id id; // Asio's rules want a public, mutable one
    static constexpr milliseconds period{50};

    /// From `at` on, every wait on `socket` fails, again and again.
    struct deadline {
        boost::asio::ip::tcp::socket& socket;
        time_point at;
        bool expired = false;
        boost::intrusive::set_member_hook<> in_sweep = {};

        bool operator<(const deadline& other) const noexcept { return at < other.at; }
    };

    explicit deadline_sweep(boost::asio::execution_context& context);

    /// The service of `executor`'s io_context.
    [[nodiscard]] static deadline_sweep& of(const boost::asio::any_io_executor& executor);

    /// Must not move until it is removed.
    void add(deadline& entry);
    void remove(deadline& entry) noexcept;

private:
    using deadlines = boost::intrusive::multiset<
        deadline,
        boost::intrusive::
            member_hook<deadline, boost::intrusive::set_member_hook<>, &deadline::in_sweep>>;

    void shutdown() override {}

    void arm();
    void sweep();

    boost::asio::steady_timer timer_;
    bool armed_ = false;
    deadlines deadlines_;
};

} // namespace wakegate::proxy
