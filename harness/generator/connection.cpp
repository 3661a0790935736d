#include "generator/connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace poolbench::generator {
namespace {

using Clock = std::chrono::steady_clock;

// Cheaper than a locked instruction, and enough with one writer.
template <typename Number>
void add(std::atomic<Number>& counter, Number amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

bool says_the_server_closed(int error) { return error == ECONNRESET || error == EPIPE; }

// 1st, 2nd, 3rd, 4th, 11th, 21st …
std::string ordinal(std::uint64_t number) {
  const std::uint64_t last = number % 10;
  const bool is_teen = number % 100 / 10 == 1;
  constexpr std::array kEndings{"th", "st", "nd", "rd"};
  return fmt::format("{}{}", number, is_teen || last > 3 ? "th" : kEndings[last]);
}

Outcome class_of_status(int status, const std::vector<int>& expected) {
  const bool good =
      expected.empty() ? status / 100 == 2 : std::ranges::find(expected, status) != expected.end();
  if (good) return Outcome::kOk;
  if (status / 100 == 4) return Outcome::kStatus4xx;
  return status / 100 == 5 ? Outcome::kStatus5xx : Outcome::kStatusOther;
}

}  // namespace

Connection::Connection(WorkerContext& context, std::size_t index, std::uint64_t client)
    : context_(context), index_(index), client_(client), parser_(check_, header_check_) {}

Connection::Step Connection::begin(std::uint64_t seq, base::SteadyTime planned,
                                   base::SteadyTime now) {
  const RequestMix& mix = context_.inputs.mix;
  sample_ = Sample{};
  sample_.kind = mix.pick(seq);
  request_ = &mix[sample_.kind];
  slots_ = mix.slots(seq, client_);
  sample_.planned = planned;
  failed_to_connect_ = false;
  began_ = now;
  add(context_.in_flight, 1);
  if (state_ == State::kClosed) return connect(now);
  ++requests_on_channel_;
  prepare(began_);
  state_ = State::kWriting;
  return write();
}

void Connection::prepare(base::SteadyTime now) {
  const std::uint64_t most = context_.inputs.options.requests_per_connection;
  unsent_ = request_->text(slots_, most > 0 && requests_on_channel_ == most, text_);
  contains_.clear();
  request_->contains().render(slots_, contains_);
  check_.begin(request_->expect(), contains_);
  header_check_.begin(request_->expect().headers, expected_headers());
  parser_.begin(request_->is_head());
  sample_.sent = now;
}

std::vector<std::string> Connection::expected_headers() const {
  std::vector<std::string> values;
  for (const TextTemplate& value : request_->header_values()) {
    value.render(slots_, values.emplace_back());
  }
  return values;
}

Connection::Step Connection::write() {
  while (!unsent_.empty()) {
    const Channel::Result sent = channel_.send(unsent_);
    if (sent.status == Channel::Status::kWait) return Step::kBusy;
    if (sent.status != Channel::Status::kDone) return fail_to_write(sent.error);
    unsent_.remove_prefix(sent.bytes);
  }
  state_ = State::kReading;
  return Step::kBusy;
}

// A server that refuses a request, for the length of its body say, may answer and close before it
// has read all of it: the answer then lies in our socket.
Connection::Step Connection::fail_to_write(int error) {
  Channel::Result last;
  constexpr bool kHungUp = true;
  if (const auto step = take_all(kHungUp, last)) return *step;
  const bool has_ended = last.status == Channel::Status::kClosed;
  if (has_ended && sample_.bytes > 0) return at_end_of_stream(Clock::now());
  return lose(error == ECONNRESET ? Outcome::kReset : Outcome::kWrite,
              says_the_server_closed(error),
              [&] { return fmt::format("cannot write: {}", channel_.explain(error)); });
}

Connection::Step Connection::on_events(std::uint32_t events) {
  const bool hung_up = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  const bool readable = hung_up || (events & EPOLLIN) != 0;
  switch (state_) {
    case State::kClosed:
      return Step::kFree;
    case State::kIdle:
      // The server closed, or sent what nobody asked for: the next request gets a new connection.
      if (readable) {
        channel_.close();
        state_ = State::kClosed;
      }
      return Step::kFree;
    case State::kConnecting:
      if (const int error = channel_.pending_error(); error != 0) return fail_to_connect(error);
      connected_ = true;
      return go_on_connecting(Clock::now());
    case State::kWriting:
      // Reading may have ended the request, or put it on another channel that has room, too.
      if (readable && read(hung_up) == Step::kFree) return Step::kFree;
      return (events & EPOLLOUT) != 0 && state_ == State::kWriting ? write() : Step::kBusy;
    case State::kReading:
      break;
  }
  return readable ? read(hung_up) : Step::kBusy;
}

Connection::Step Connection::read(bool hung_up) {
  Channel::Result last;
  if (const auto step = take_all(hung_up, last)) return *step;
  if (last.status == Channel::Status::kWait) return Step::kBusy;
  if (last.status == Channel::Status::kClosed) return at_end_of_stream(Clock::now());
  return lose(Outcome::kReset, says_the_server_closed(last.error),
              [&] { return fmt::format("cannot read: {}", channel_.explain(last.error)); });
}

std::optional<Connection::Step> Connection::take_all(bool hung_up, Channel::Result& last) {
  for (;;) {
    last = channel_.receive(context_.buffer);
    if (last.status != Channel::Status::kDone) return std::nullopt;
    const base::SteadyTime now = Clock::now();
    const Step step = take({context_.buffer.data(), last.bytes}, now, hung_up);
    if (step == Step::kFree) return step;
    // A server that never stops sending must not keep us here for ever.
    if (now - began_ > context_.inputs.options.timeout) {
      abandon(Outcome::kTimeout, now);
      return Step::kFree;
    }
    if (context_.window.is_cut_off(now)) {
      abandon(Outcome::kAbortedAtDeadline, now);
      return Step::kFree;
    }
    const bool drained = last.bytes < context_.buffer.size() && channel_.short_read_is_last();
    if (drained && !hung_up) return Step::kBusy;
  }
}

Connection::Step Connection::take(std::string_view bytes, base::SteadyTime now, bool hung_up) {
  if (sample_.bytes == 0) sample_.first_byte = now;
  sample_.bytes += bytes.size();
  switch (parser_.feed(bytes)) {
    case ResponseParser::State::kIncomplete:
      return Step::kBusy;
    case ResponseParser::State::kComplete:
      return complete(now, !hung_up);
    case ResponseParser::State::kMalformed:
      break;
  }
  channel_.close();
  return finish(Outcome::kParse, now,
                [&] { return fmt::format("the answer is not HTTP: {}", parser_.complaint()); });
}

Connection::Step Connection::at_end_of_stream(base::SteadyTime now) {
  if (sample_.bytes == 0) {
    const bool was_sent = unsent_.empty();
    constexpr bool kClosed = true;
    return lose(was_sent ? Outcome::kEofBeforeResponse : Outcome::kWrite, kClosed, [=] {
      return fmt::format("the server closed the connection {}",
                         was_sent ? "without an answer" : "before it had the whole request");
    });
  }
  channel_.close();
  if (parser_.finish() == ResponseParser::State::kComplete) return complete(now, false);
  return finish(Outcome::kTruncated, now, [&] {
    return fmt::format("the answer ends after {} bytes, before it is complete", sample_.bytes);
  });
}

// The connection is gone before the answer is whole. Of a kept one the server may have closed its
// end before the request reached it, which is no error of a request that may be sent twice (RFC
// 9112, 9.3.1). The fresh connection is no kept one: there is no third time.
template <typename Words>
Connection::Step Connection::lose(Outcome outcome, bool closed_by_server, Words words) {
  const base::SteadyTime now = Clock::now();
  const bool unanswered = closed_by_server && sample_.bytes == 0;
  const bool was_kept = unanswered && requests_on_channel_ > 1;
  channel_.close();
  if (was_kept && request_->is_idempotent()) {
    if (context_.window.window().holds(sample_.planned)) ++context_.stats.retried;
    return connect(now);
  }
  return finish(outcome, now,
                [&] { return words() + (was_kept ? kept_connection_words() : std::string()); });
}

// What comes before the request was sent is no answer to it.
Connection::Step Connection::fail_before_sending(const Channel::Result& early) {
  if (early.status == Channel::Status::kFailed) {
    return lose(Outcome::kReset, says_the_server_closed(early.error),
                [&] { return fmt::format("cannot read: {}", channel_.explain(early.error)); });
  }
  channel_.close();
  return finish(Outcome::kParse, Clock::now(),
                [] { return "the server sent something before it was asked for anything"; });
}

std::string Connection::kept_connection_words() const {
  return fmt::format(
      ", on its {} request of a kept connection; a {} is not sent again, since it may have been "
      "carried out: have the server keep connections for longer, or set --requests-per-connection "
      "{} or --close (in a scenario load.keep_alive = false)",
      ordinal(requests_on_channel_), request_->method(), requests_on_channel_ - 1);
}

Connection::Step Connection::complete(base::SteadyTime now, bool reusable) {
  const std::uint64_t most = context_.inputs.options.requests_per_connection;
  const bool used_up = most > 0 && requests_on_channel_ >= most;
  // An answer before the whole request was written leaves the rest of the request behind.
  const bool ends = !reusable || !parser_.keeps_alive() || request_->closes() || used_up;
  if (ends || !unsent_.empty()) channel_.close();
  sample_.status = parser_.status();
  Outcome outcome = class_of_status(sample_.status, request_->expect().statuses);
  if (outcome != Outcome::kOk) {
    return finish(outcome, now, [&] { return fmt::format("status {}", sample_.status); });
  }
  const bool wrong_header = header_check_.is_wanted() && !header_check_.is_as_expected();
  if (wrong_header || !check_.is_as_expected()) outcome = Outcome::kWrongAnswer;
  return finish(outcome, now,
                [&] { return wrong_header ? header_check_.complaint() : check_.complaint(); });
}

void Connection::abandon(Outcome outcome, base::SteadyTime now) {
  channel_.close();
  failed_to_connect_ = outcome == Outcome::kConnectTimeout;
  // Where nothing answers there is no time left to try elsewhere, but the next request will.
  if (failed_to_connect_ && moves_to_another_address()) context_.address = address_;
  finish(outcome, now, [&] {
    return fmt::format("no complete answer after {:.3f} s ({} bytes received)",
                       base::to_seconds(now - began_), sample_.bytes);
  });
}

bool Connection::is_first_error() const {
  return context_.stats.first_error.empty() && context_.window.window().holds(sample_.planned);
}

void Connection::note_first_error(Outcome outcome, base::SteadyTime now, const std::string& words) {
  context_.stats.first_error = fmt::format("{}: {}", name_of(outcome), words);
  if (!context_.inputs.mix.is_one_text()) {
    context_.stats.first_error += fmt::format("; the request was {}", request_->line(slots_));
  }
  context_.stats.first_error_at = now;
}

Connection::Step Connection::record(Outcome outcome, base::SteadyTime now) {
  sample_.outcome = outcome;
  sample_.ended = now;
  if (outcome != Outcome::kOk) add<std::uint64_t>(context_.errors, 1);
  add<std::uint64_t>(context_.ended, 1);
  add(context_.in_flight, -1);
  context_.stats.add(sample_, context_.window.window());
  unsent_ = {};
  state_ = channel_.is_open() ? State::kIdle : State::kClosed;
  return Step::kFree;
}

}  // namespace poolbench::generator
