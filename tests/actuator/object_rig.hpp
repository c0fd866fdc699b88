#pragma once

#include "scaler/actuator/scaled_object.hpp"
#include "tests/actuator/event_loop.hpp"
#include "tests/actuator/fake_scaler.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wakegate::actuator::testing {

constexpr milliseconds never{3'600'000};

/// One scaled object, whose hooks write their names to a journal, and its scaler. Polls come every
/// few milliseconds, and there is no cooldown.
class object_rig : public ::testing::Test {
protected:
    object_rig() {
        settings_.name = "app";
        settings_.name_space = "local";
        settings_.metadata = {{"cluster", "main"}};
        settings_.polling_interval = milliseconds(5);
        settings_.policy.cooldown_period = milliseconds(0);
        settings_.hooks.environment = {{"JOURNAL", folder_.file("journal")}};
        settings_.hooks.start = shell("echo start >> $JOURNAL");
        settings_.hooks.stop = shell("echo stop >> $JOURNAL");
        retries_.stream_first = milliseconds(1);
        retries_.stream_highest = never;
        retries_.reconcile_first = milliseconds(1);
        retries_.reconcile_highest = milliseconds(5);
    }

    ~object_rig() override {
        if (object_) {
            stop();
            EXPECT_TRUE(until([this] { return ended_; }));
        }
        context_.restart();
        context_.run();
    }

    static std::vector<std::string> shell(std::string script) {
        return {"/bin/sh", "-c", std::move(script)};
    }

    void begin() { begin({scaler_.address()}); }

    void begin(const std::vector<host_port>& scalers) {
        scaler_client_ =
            std::make_unique<scaler_client>(context_.get_executor(), scalers, milliseconds(100));
        object_ = std::make_unique<scaled_object>(
            context_.get_executor(), settings_, retries_, *scaler_client_, metrics_
        );
        const auto note = [this](const std::exception_ptr& bug) {
            ended_ = true;
            EXPECT_FALSE(bug);
        };
        boost::asio::co_spawn(context_, object_->run(), note);
    }

    void begin_running() {
        settings_.hooks.status = shell("exit 0");
        begin();
    }

    void stop() {
        object_->stop();
        scaler_client_->cancel_all();
    }

    [[nodiscard]] bool until(const std::function<bool()>& done) {
        return run_until(context_, done);
    }

    [[nodiscard]] bool until_replicas(std::uint32_t wanted) {
        return until([this, wanted] { return object_->status(clock::now()).replicas == wanted; });
    }

    /// Waits for the stream, and for the first poll, so that no push overtakes it.
    [[nodiscard]] bool until_stream() {
        return until([this] { return scaler_.open_streams() > 0 && scaler_.seen().is_active > 0; });
    }

    [[nodiscard]] bool until_more_polls(int more) {
        const auto before = scaler_.seen().is_active;
        return until([this, before, more] { return scaler_.seen().is_active >= before + more; });
    }

    [[nodiscard]] bool until_more_spec_calls(int more) {
        const auto before = scaler_.seen().metric_spec;
        return until([this, before, more] { return scaler_.seen().metric_spec >= before + more; });
    }

    [[nodiscard]] bool until_in_journal(const std::string& text) {
        return until([this, text] { return journal_text().find(text) != std::string::npos; });
    }

    [[nodiscard]] std::uint32_t replicas() const { return object_->status(clock::now()).replicas; }

    [[nodiscard]] std::string journal_text() const { return folder_.text_of("journal"); }

    support::temporary_folder folder_;
    fake_scaler scaler_;
    boost::asio::io_context context_;
    metrics metrics_;
    scaled_object_settings settings_;
    retry_settings retries_;
    std::unique_ptr<scaler_client> scaler_client_;
    std::unique_ptr<scaled_object> object_;
    bool ended_ = false;
};

/// A named pipe from which a hook reads, to wait for the test.
class hook_latch {
public:
    explicit hook_latch(std::string path) : path_(std::move(path)) {
        EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
        fd_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    }

    hook_latch(const hook_latch&) = delete;
    hook_latch& operator=(const hook_latch&) = delete;

    ~hook_latch() { ::close(fd_); }

    void open() const { EXPECT_EQ(::write(fd_, "\n", 1), 1); }

private:
    std::string path_;
    int fd_ = -1;
};

} // namespace wakegate::actuator::testing
