#include "common/signals.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>

#include <signal.h>

namespace wakegate {
namespace {

class signals_reload : public testing::Test {
protected:
    signals_reload() { ignore_signals(); }

    void run_until_reloads(int count) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (reloads_ < count && context_.run_one_until(deadline) > 0) {
        }
        EXPECT_EQ(reloads_, count);
    }

    boost::asio::io_context context_{1};
    sd_notifier notifier_;
    int reloads_ = 0;
};

TEST_F(signals_reload, have_files_reread_each_time) {
    const reload_signal tested(context_, notifier_, [this](log::event&) { ++reloads_; });
    for (int count = 1; count <= 2; ++count) {
        ASSERT_EQ(::raise(SIGHUP), 0);
        run_until_reloads(count);
    }
}

TEST_F(signals_reload, end_no_process_before_or_after) {
    ASSERT_EQ(::raise(SIGHUP), 0);
    {
        const reload_signal tested(context_, notifier_, [this](log::event&) { ++reloads_; });
    }
    ASSERT_EQ(::raise(SIGHUP), 0);
    context_.run();
    EXPECT_EQ(reloads_, 0);
}

} // namespace
} // namespace wakegate
