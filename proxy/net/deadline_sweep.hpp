#pragma once

#include "proxy/net/phase_deadline.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
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

    explicit deadline_sweep(boost::asio::execution_context& context);

    /// That of the io_context that `executor` is of.
    [[nodiscard]] static deadline_sweep& of(const boost::asio::any_io_executor& executor);

    void add(phase_deadline& one);
    void remove(phase_deadline& one) noexcept;

private:
    using deadlines = boost::intrusive::multiset<
        phase_deadline,
        boost::intrusive::member_hook<
            phase_deadline,
            boost::intrusive::set_member_hook<>,
            &phase_deadline::in_sweep_>,
        boost::intrusive::compare<phase_deadline::earlier>>;

    void shutdown() override {}

    void arm();
    void sweep();

    boost::asio::steady_timer timer_;
    bool armed_ = false;
    deadlines deadlines_;
};

} // namespace wakegate::proxy
