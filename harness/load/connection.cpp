#include "load/connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <cerrno>

namespace poolbench::load {
namespace {

using Clock = std::chrono::steady_clock;

// Cheaper than a locked instruction, and enough with one writer.
template <typename Number>
void add(std::atomic<Number>& counter, Number amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

Outcome class_of_connect_error(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ENOENT:  // a UNIX socket that is not there
      return Outcome::kConnectRefused;
    case ETIMEDOUT:
      return Outcome::kConnectTimeout;
    case EADDRNOTAVAIL:
      return Outcome::kAddressUnavailable;
    default:
      return Outcome::kConnectOther;
  }
}

Outcome class_of_status(int status, const std::optional<int>& expected) {
  const bool good = expected ? status == *expected : status / 100 == 2;
  if (good) return Outcome::kOk;
  if (status / 100 == 4) return Outcome::kStatus4xx;
  return status / 100 == 5 ? Outcome::kStatus5xx : Outcome::kStatusOther;
}

}  // namespace

Connection::Connection(Shared& shared, std::size_t index)
    : shared_(shared), index_(index), parser_(check_) {}

Connection::Step Connection::begin(std::uint64_t seq, base::SteadyTime planned,
                                   base::SteadyTime now) {
  request_ = &shared_.plan.mix.pick(seq);
  slots_ = shared_.plan.mix.slots(seq);
  sample_ = Sample{};
  sample_.planned = planned;
  failed_to_connect_ = false;
  began_ = now;
  add(shared_.in_flight, 1);
  if (state_ == State::kClosed) return connect();
  prepare(began_);
  state_ = State::kWriting;
  return write();
}

Connection::Step Connection::connect() {
  state_ = State::kConnecting;
  connected_ = false;
  requests_on_channel_ = 0;
  connect_began_ = began_;
  if (shared_.course.window().holds(sample_.planned)) ++shared_.tally.connects;
  const Channel::Result opened = channel_.open(shared_.plan.address, shared_.plan.tls);
  if (opened.status == Channel::Status::kFailed) return fail_to_connect(opened.error);
  epoll_event interest{};
  interest.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  interest.data.ptr = this;
  if (::epoll_ctl(shared_.epoll_fd, EPOLL_CTL_ADD, channel_.fd(), &interest) != 0) {
    return fail_to_connect(errno);
  }
  // Over loopback the connection stands by now, although connect() says it is in progress: trying
  // at once saves a round through epoll.
  return go_on_connecting(Clock::now());
}

Connection::Step Connection::go_on_connecting(base::SteadyTime now) {
  const Channel::Result shaken = channel_.handshake();
  if (shaken.status == Channel::Status::kWait) return Step::kBusy;
  if (shaken.status != Channel::Status::kDone) {
    return fail_to_connect(shaken.error == 0 ? ECONNRESET : shaken.error);
  }
  if (shared_.plan.tls != nullptr) now = Clock::now();  // checking a certificate takes its time
  prepare(now);
  const Channel::Result sent = channel_.send(unsent_);
  if (sent.status == Channel::Status::kWait && !connected_) return Step::kBusy;
  if (sent.status == Channel::Status::kFailed && !connected_) {
    const int error = channel_.pending_error();
    return fail_to_connect(error == 0 ? sent.error : error);
  }
  if (shared_.course.window().holds(sample_.planned)) {
    shared_.tally.connect_us.record(Tally::microseconds(now - connect_began_));
  }
  state_ = State::kWriting;
  unsent_.remove_prefix(sent.bytes);
  return write();
}

Connection::Step Connection::fail_to_connect(int error) {
  failed_to_connect_ = true;
  const auto words = [&] { return fmt::format("cannot connect: {}", channel_.explain(error)); };
  const Outcome outcome = class_of_connect_error(error);
  channel_.close();
  return finish(outcome, Clock::now(), words);
}

void Connection::prepare(base::SteadyTime now) {
  const std::uint64_t most = shared_.plan.options.requests_per_connection;
  unsent_ = request_->text(slots_, most > 0 && requests_on_channel_ + 1 == most, text_);
  contains_.clear();
  request_->contains().render(slots_, contains_);
  check_.begin(request_->expect(), contains_);
  parser_.begin(request_->is_head());
  sample_.sent = now;
}

Connection::Step Connection::write() {
  while (!unsent_.empty()) {
    const Channel::Result sent = channel_.send(unsent_);
    if (sent.status == Channel::Status::kWait) return Step::kBusy;
    if (sent.status != Channel::Status::kDone) {
      const auto words = [&] {
        return fmt::format("cannot write: {}", channel_.explain(sent.error));
      };
      const Outcome outcome = sent.error == ECONNRESET ? Outcome::kReset : Outcome::kWrite;
      channel_.close();
      return finish(outcome, Clock::now(), words);
    }
    unsent_.remove_prefix(sent.bytes);
  }
  ++requests_on_channel_;
  state_ = State::kReading;
  return Step::kBusy;
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
      if ((events & EPOLLOUT) != 0 && write() == Step::kFree) return Step::kFree;
      break;
    case State::kReading:
      break;
  }
  return readable ? read(hung_up) : Step::kBusy;
}

Connection::Step Connection::read(bool hung_up) {
  for (;;) {
    const Channel::Result got = channel_.receive(shared_.buffer);
    const base::SteadyTime now = Clock::now();
    if (got.status == Channel::Status::kWait) return Step::kBusy;
    if (got.status == Channel::Status::kClosed) return at_end_of_stream(now);
    if (got.status == Channel::Status::kFailed) {
      const auto words = [&] {
        return fmt::format("cannot read: {}", channel_.explain(got.error));
      };
      channel_.close();
      return finish(Outcome::kReset, now, words);
    }
    const Step step = take({shared_.buffer.data(), got.bytes}, now, hung_up);
    if (step == Step::kFree) return step;
    // A server that never stops sending must not keep us here for ever.
    if (now - began_ > shared_.plan.options.timeout) {
      abandon(Outcome::kTimeout, now);
      return Step::kFree;
    }
    const bool drained = got.bytes < shared_.buffer.size() && channel_.short_read_is_last();
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
  channel_.close();
  if (sample_.bytes == 0) {
    return finish(Outcome::kEofBeforeResponse, now,
                  [] { return "the server closed the connection without an answer"; });
  }
  if (parser_.finish() == ResponseParser::State::kComplete) return complete(now, false);
  return finish(Outcome::kTruncated, now, [&] {
    return fmt::format("the answer ends after {} bytes, before it is complete", sample_.bytes);
  });
}

Connection::Step Connection::complete(base::SteadyTime now, bool reusable) {
  const std::uint64_t most = shared_.plan.options.requests_per_connection;
  const bool used_up = most > 0 && requests_on_channel_ >= most;
  // An answer before the whole request was written leaves the rest of the request behind.
  if (!reusable || !parser_.keeps_alive() || used_up || !unsent_.empty()) channel_.close();
  sample_.status = parser_.status();
  Outcome outcome = class_of_status(sample_.status, request_->expect().status);
  if (outcome != Outcome::kOk) {
    return finish(outcome, now, [&] { return fmt::format("status {}", sample_.status); });
  }
  if (!check_.is_as_expected()) outcome = Outcome::kWrongAnswer;
  return finish(outcome, now, [&] { return check_.complaint(); });
}

void Connection::abandon(Outcome outcome, base::SteadyTime now) {
  channel_.close();
  failed_to_connect_ = outcome == Outcome::kConnectTimeout;
  finish(outcome, now, [&] {
    return fmt::format("no complete answer after {:.3f} s ({} bytes received)",
                       base::to_seconds(now - began_), sample_.bytes);
  });
}

template <typename Words>
Connection::Step Connection::finish(Outcome outcome, base::SteadyTime now, Words words) {
  Tally& tally = shared_.tally;
  const Window window = shared_.course.window();
  sample_.outcome = outcome;
  sample_.ended = now;
  if (outcome != Outcome::kOk) {
    add<std::uint64_t>(shared_.errors, 1);
    if (tally.first_error.empty() && window.holds(sample_.planned)) {
      tally.first_error = fmt::format("{}: {}", name_of(outcome), words());
      tally.first_error_at = now;
    }
  }
  add<std::uint64_t>(shared_.ended, 1);
  add(shared_.in_flight, -1);
  tally.add(sample_, window);
  unsent_ = {};
  state_ = channel_.is_open() ? State::kIdle : State::kClosed;
  return Step::kFree;
}

}  // namespace poolbench::load
