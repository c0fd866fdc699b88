#pragma once

#include "common/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>

namespace wakegate::proxy {

/// All deadlines of one io_context, behind one timer that looks at them every `period` while there
/// are any. A timer for each would be set, and mostly taken back, several times in each connection,
/// and each time that costs a system call. One thread, the context's.
class deadline_sweep : public boost::asio::execution_context::service {
public:
    using key_type = deadline_sweep;

    static boost::asio::execution_context::id id; // Asio's rules want a public, mutable one
    static constexpr milliseconds period{50};

    /// When `at` has passed, whatever waits on `socket` fails, again and again.
    struct deadline {
        boost::asio::ip::tcp::socket& socket;
        time_point at;
        bool expired = false;
        boost::intrusive::set_member_hook<> in_sweep = {};

        bool operator<(const deadline& other) const noexcept { return at < other.at; }
    };

    explicit deadline_sweep(boost::asio::execution_context& context);

    /// That of the io_context that `executor` is of.
    [[nodiscard]] static deadline_sweep& of(const boost::asio::any_io_executor& executor);

    /// It must stay where it is until it is removed.
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
