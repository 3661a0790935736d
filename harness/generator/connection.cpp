#include "generator/connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <utility>

namespace poolbench::generator {
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

// Errors of connecting that say nothing about another address of the same host.
bool is_of_this_address(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ETIMEDOUT:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case ENETUNREACH:
    case EHOSTUNREACH:
      return true;
    default:
      return false;
  }
}

bool says_the_server_closed(int error) { return error == ECONNRESET || error == EPIPE; }

// 1st, 2nd, 3rd, 4th, 11th, 21st …
std::string ordinal(std::uint64_t number) {
  const std::uint64_t last = number % 10;
  const bool is_teen = number % 100 / 10 == 1;
  constexpr std::array kEndings{"th", "st", "nd", "rd"};
  return fmt::format("{}{}", number, is_teen || last > 3 ? "th" : kEndings[last]);
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
  if (state_ == State::kClosed) return connect(now);
  ++requests_on_channel_;
  prepare(began_);
  state_ = State::kWriting;
  return write();
}

Connection::Step Connection::connect(base::SteadyTime now) {
  connect_began_ = now;
  connect_error_ = 0;
  address_ = shared_.address;
  other_addresses_ = shared_.plan.addresses.size() - 1;
  if (shared_.window.window().holds(sample_.planned)) ++shared_.stats.connects;
  return open_channel();
}

Connection::Step Connection::open_channel() {
  state_ = State::kConnecting;
  connected_ = false;
  requests_on_channel_ = 1;
  const Channel::Result opened = channel_.open(shared_.plan.addresses[address_], shared_.plan.tls);
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
  if (shared_.window.window().holds(sample_.planned)) {
    shared_.stats.connect_us.record(ThreadStats::microseconds(now - connect_began_));
  }
  if (!shared_.address_answers) {
    shared_.address = address_;
    shared_.address_answers = true;
  }
  state_ = State::kWriting;
  unsent_.remove_prefix(sent.bytes);
  return write();
}

Connection::Step Connection::fail_to_connect(int error) {
  if (is_of_this_address(error)) {
    // The first address is the one that counts: others of the name may not even be configured here.
    if (connect_error_ == 0) connect_error_ = error;
    if (moves_to_another_address()) return open_channel();
    error = connect_error_;
  }
  failed_to_connect_ = true;
  channel_.close();
  return finish(class_of_connect_error(error), Clock::now(),
                [&] { return connect_complaint(error); });
}

bool Connection::moves_to_another_address() {
  if (shared_.address_answers) {  // another connection has found it meanwhile, or it is this one
    return std::exchange(address_, shared_.address) != shared_.address;
  }
  if (other_addresses_ == 0) return false;
  --other_addresses_;
  address_ = (address_ + 1) % shared_.plan.addresses.size();
  return true;
}

std::string Connection::connect_complaint(int error) const {
  const std::size_t addresses = shared_.plan.addresses.size();
  if (addresses == 1 || shared_.address_answers || !is_of_this_address(error)) {
    return fmt::format("cannot connect: {}", channel_.explain(error));
  }
  return fmt::format("cannot connect to any of the {} addresses of {}: {}", addresses,
                     shared_.plan.options.server.host, channel_.explain(error));
}

void Connection::prepare(base::SteadyTime now) {
  const std::uint64_t most = shared_.plan.options.requests_per_connection;
  unsent_ = request_->text(slots_, most > 0 && requests_on_channel_ == most, text_);
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
    last = channel_.receive(shared_.buffer);
    if (last.status != Channel::Status::kDone) return std::nullopt;
    const base::SteadyTime now = Clock::now();
    const Step step = take({shared_.buffer.data(), last.bytes}, now, hung_up);
    if (step == Step::kFree) return step;
    // A server that never stops sending must not keep us here for ever.
    if (now - began_ > shared_.plan.options.timeout) {
      abandon(Outcome::kTimeout, now);
      return Step::kFree;
    }
    if (shared_.window.is_cut_off(now)) {
      abandon(Outcome::kAbortedAtDeadline, now);
      return Step::kFree;
    }
    const bool drained = last.bytes < shared_.buffer.size() && channel_.short_read_is_last();
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
    if (shared_.window.window().holds(sample_.planned)) ++shared_.stats.retried;
    return connect(now);
  }
  return finish(outcome, now,
                [&] { return words() + (was_kept ? kept_connection_words() : std::string()); });
}

std::string Connection::kept_connection_words() const {
  return fmt::format(
      ", on its {} request of a kept connection; a {} is not sent again, since it may have been "
      "carried out: have the server keep connections for longer, or set --requests-per-connection "
      "{} or --close (in a scenario load.keep_alive = false)",
      ordinal(requests_on_channel_), request_->method(), requests_on_channel_ - 1);
}

Connection::Step Connection::complete(base::SteadyTime now, bool reusable) {
  const std::uint64_t most = shared_.plan.options.requests_per_connection;
  const bool used_up = most > 0 && requests_on_channel_ >= most;
  // An answer before the whole request was written leaves the rest of the request behind.
  const bool ends = !reusable || !parser_.keeps_alive() || request_->closes() || used_up;
  if (ends || !unsent_.empty()) channel_.close();
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
  // Where nothing answers there is no time left to try elsewhere, but the next request will.
  if (failed_to_connect_ && moves_to_another_address()) shared_.address = address_;
  finish(outcome, now, [&] {
    return fmt::format("no complete answer after {:.3f} s ({} bytes received)",
                       base::to_seconds(now - began_), sample_.bytes);
  });
}

template <typename Words>
Connection::Step Connection::finish(Outcome outcome, base::SteadyTime now, Words words) {
  ThreadStats& stats = shared_.stats;
  const Window window = shared_.window.window();
  sample_.outcome = outcome;
  sample_.ended = now;
  if (outcome != Outcome::kOk) {
    add<std::uint64_t>(shared_.errors, 1);
    if (stats.first_error.empty() && window.holds(sample_.planned)) {
      stats.first_error = fmt::format("{}: {}", name_of(outcome), words());
      stats.first_error_at = now;
    }
  }
  add<std::uint64_t>(shared_.ended, 1);
  add(shared_.in_flight, -1);
  stats.add(sample_, window);
  unsent_ = {};
  state_ = channel_.is_open() ? State::kIdle : State::kClosed;
  return Step::kFree;
}

}  // namespace poolbench::generator
