#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

/// What tests/support/hostile_sockets.cpp does to a program, and how often. A process reads its
/// environment once, at its first connection, and prints to stderr what it runs with, and at its
/// end what it did:
///
///   WAKEGATE_HOSTILE_SEED     0 to 4294967295 (4711): seed of the random numbers, of which each
///                             thread has its own; runs with threads that race still differ
///   WAKEGATE_HOSTILE_PERCENT  0 to 100 (50): how many system calls get trouble; 0 is none at all
///
/// Any other value ends the process with exit code 2.
namespace wakegate::support {

enum class trouble : std::uint8_t {
    none,
    cut,         ///< fewer bytes than asked for, though there is more data or room
    refused,     ///< EAGAIN, though ready
    interrupted, ///< EINTR
};

/// What one recv or send gets.
struct call_outcome {
    trouble kind = trouble::none;
    std::size_t room = 0; ///< bytes that may pass; 0 for refused and interrupted ones
};

/// One direction of one connection. Starts with single bytes, enough for a whole login; later some
/// are at random places, and after each pause of the peer, where message headers are. The caller
/// must hold a lock.
class trouble_generator {
public:
    [[nodiscard]] call_outcome next(std::size_t size);

    /// The stream ran dry: a message begins next.
    void paused();

private:
    static constexpr std::size_t login_bytes = 512;
    static constexpr std::size_t header_bytes = 16;

    std::size_t singles_ = login_bytes;
};

/// Whether one wait ends with a spurious event, or with EINTR.
[[nodiscard]] bool draws_false_alarm();
[[nodiscard]] bool draws_interruption();

/// A random number below `bound`, which is not 0.
[[nodiscard]] std::size_t draw_below(std::size_t bound);

/// Counted over all threads. Not all 0 if the layer works.
struct trouble_counts {
    std::atomic<std::uint64_t> cut_reads;
    std::atomic<std::uint64_t> single_byte_reads; ///< of the cut ones
    std::atomic<std::uint64_t> cut_writes;
    std::atomic<std::uint64_t> refused;
    std::atomic<std::uint64_t> interrupted;
    std::atomic<std::uint64_t> false_alarms;
};

[[nodiscard]] trouble_counts& trouble_so_far();

} // namespace wakegate::support
