#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <unordered_set>

namespace wakegate::scaler {

/// A stream that would stay open for ever and must be told when the server goes.
class open_stream {
public:
    virtual ~open_stream() = default;
    /// Ends the stream with status OK, at most once; any thread; never calls back into the set.
    virtual void finish() noexcept = 0;
};

/// The streams to end before gRPC's own shutdown, which would otherwise wait for its whole deadline
/// and end them with an error (and then KEDA keeps its grown back-off, external_scaler.go).
/// Any thread.
class open_streams {
public:
    /// False: the server is going; finish at once. To be followed by `remove` in either case.
    [[nodiscard]] bool add(open_stream& stream);
    /// After it has returned the stream may be destroyed.
    void remove(open_stream& stream);

    /// Finishes every stream, and from now on every new one.
    void finish_all();
    /// Until the last stream was removed; call after the server's `Wait`.
    void wait_until_empty();

private:
    std::mutex mutex_;
    std::condition_variable emptied_;
    std::unordered_set<open_stream*> streams_;
    bool finishing_ = false;
};

} // namespace wakegate::scaler
