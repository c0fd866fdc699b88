#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace wakegate {

/// A gRPC call, of a client or a server, that gRPC may still call back for.
class outstanding_call {
public:
    virtual ~outstanding_call() = default;

    /// Ends the call soon; harmless when repeated. Any thread; must not call `outstanding_calls`.
    virtual void end() noexcept = 0;
};

/// The calls of one client or server: keeps each alive until gRPC is done with it, ends all at a
/// shutdown, and lets their owner wait for the last one. Any thread.
class outstanding_calls {
public:
    /// Before the call starts. After `end_all` the call is ended at once.
    void add(std::shared_ptr<outstanding_call> call);
    /// gRPC is done with the call. It may be destroyed before this returns.
    void remove(const outstanding_call& call);
    /// Ends every call, and from now on every new one.
    void end_all();
    /// Blocks until the last call is removed, and destroyed unless it is referred to elsewhere.
    void wait_until_empty();

private:
    std::mutex mutex_;
    std::condition_variable emptied_;
    std::unordered_map<const outstanding_call*, std::shared_ptr<outstanding_call>> calls_;
    std::size_t count_ = 0; ///< of calls that are not destroyed yet
    bool ending_ = false;
};

} // namespace wakegate
