#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generator/request.h"
#include "generator/response.h"
#include "generator/run_window.h"
#include "generator/thread_stats.h"
#include "generator/transport.h"

namespace poolbench::generator {

/// What a run decided once, before it began.
struct RunInputs {
  const Options& options;
  std::uint64_t seed = 0;
  RequestMix mix;
  std::vector<Address> addresses;   ///< of the server's name, never empty
  const TlsContext* tls = nullptr;  ///< null for plain HTTP
};

/// What the connections of one thread share.
struct WorkerContext {
  const RunInputs& inputs;
  const RunWindow& window;
  int epoll_fd = -1;
  std::span<char> buffer;  ///< for reading; nothing stays in it
  ThreadStats stats{};
  std::size_t address = 0;       ///< which of the inputs' is tried first
  bool address_answers = false;  ///< a connection was made there, so that no other is tried
  // For another thread to watch; only this one writes them.
  std::atomic<int> in_flight{0};
  std::atomic<std::uint64_t> ended{0};
  std::atomic<std::uint64_t> errors{0};  ///< of the ended
};

/// One connection to the server, with at most one request on it. It is registered with epoll once
/// per socket (edge-triggered), and writes and reads at once whenever it can. A request that a kept
/// connection loses before the first byte of its answer is sent once more on a fresh one if its
/// method allows that.
class Connection {
 public:
  /// Whether the request is still under way. When it is not, its sample has been recorded.
  enum class Step { kBusy, kFree };

  /// `index`: within its thread. `client`: whose values its requests use, within the run.
  Connection(WorkerContext& context, std::size_t index, std::uint64_t client);

  /// Sends the request numbered `seq`, that was planned for `planned`; connects first if need be.
  Step begin(std::uint64_t seq, base::SteadyTime planned, base::SteadyTime now);
  /// What epoll said of this connection's socket.
  Step on_events(std::uint32_t events);
  /// Ends the request under way as an error and closes the connection.
  void abandon(Outcome outcome, base::SteadyTime now);

  [[nodiscard]] bool is_busy() const { return state_ != State::kClosed && state_ != State::kIdle; }
  [[nodiscard]] bool is_connecting() const { return state_ == State::kConnecting; }
  [[nodiscard]] bool failed_to_connect() const { return failed_to_connect_; }
  /// When the request under way was taken up.
  [[nodiscard]] base::SteadyTime began() const { return began_; }
  /// When the last request ended.
  [[nodiscard]] base::SteadyTime ended() const { return sample_.ended; }
  [[nodiscard]] std::size_t index() const { return index_; }

 private:
  enum class State : std::uint8_t { kClosed, kConnecting, kIdle, kWriting, kReading };

  Step connect(base::SteadyTime now);
  Step open_channel();
  Step go_on_connecting(base::SteadyTime now);
  Step fail_to_connect(int error);
  [[nodiscard]] bool moves_to_another_address();
  [[nodiscard]] std::string connect_complaint(int error) const;
  void note_connected(base::SteadyTime now);
  /// Ends a request whose fresh connection brought something, or broke, before it was sent.
  Step fail_before_sending(const Channel::Result& early);
  void prepare(base::SteadyTime now);
  [[nodiscard]] std::vector<std::string> expected_headers() const;
  Step write();
  Step fail_to_write(int error);
  Step read(bool hung_up);
  /// Takes what has arrived until the request has ended, or a read has: then nothing is returned,
  /// and `last` says how.
  std::optional<Step> take_all(bool hung_up, Channel::Result& last);
  Step take(std::string_view bytes, base::SteadyTime now, bool hung_up);
  Step at_end_of_stream(base::SteadyTime now);
  template <typename Words>
  Step lose(Outcome outcome, bool closed_by_server, Words words);
  [[nodiscard]] std::string kept_connection_words() const;
  Step complete(base::SteadyTime now, bool reusable);
  /// Ends the request. `words` say what was wrong with it; they are made only for the first error
  /// of the thread.
  template <typename Words>
  Step finish(Outcome outcome, base::SteadyTime now, Words words) {
    if (outcome != Outcome::kOk && is_first_error()) note_first_error(outcome, now, words());
    return record(outcome, now);
  }
  [[nodiscard]] bool is_first_error() const;
  void note_first_error(Outcome outcome, base::SteadyTime now, const std::string& words);
  Step record(Outcome outcome, base::SteadyTime now);

  WorkerContext& context_;
  const std::size_t index_;
  const std::uint64_t client_;
  State state_ = State::kClosed;
  bool connected_ = false;
  bool failed_to_connect_ = false;
  Channel channel_;
  std::uint64_t requests_on_channel_ = 0;  // the one under way among them
  base::SteadyTime began_;
  base::SteadyTime connect_began_;
  std::size_t address_ = 0;          // of the inputs': where it connects
  std::size_t other_addresses_ = 0;  // still to be tried
  int connect_error_ = 0;            // of the address that was tried first

  const Request* request_ = nullptr;
  Slots slots_;
  std::string text_;
  std::string contains_;
  std::string_view unsent_;
  BodyCheck check_;
  HeaderCheck header_check_;
  ResponseParser parser_;
  Sample sample_;
};

}  // namespace poolbench::generator
