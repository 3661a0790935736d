// How a connection comes about: which address it goes to, and what a failure to connect means.
#include <fmt/format.h>
#include <sys/epoll.h>

#include <cerrno>
#include <utility>

#include "generator/connection.h"

namespace poolbench::generator {
namespace {

using Clock = std::chrono::steady_clock;

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

}  // namespace

Connection::Step Connection::connect(base::SteadyTime now) {
  connect_began_ = now;
  connect_error_ = 0;
  address_ = context_.address;
  other_addresses_ = context_.inputs.addresses.size() - 1;
  if (context_.window.window().holds(sample_.planned)) ++context_.stats.connects;
  return open_channel();
}

Connection::Step Connection::open_channel() {
  state_ = State::kConnecting;
  connected_ = false;
  requests_on_channel_ = 1;
  const Channel::Result opened =
      channel_.open(context_.inputs.addresses[address_], context_.inputs.tls);
  if (opened.status == Channel::Status::kFailed) return fail_to_connect(opened.error);
  epoll_event interest{};
  interest.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  interest.data.ptr = this;
  if (::epoll_ctl(context_.epoll_fd, EPOLL_CTL_ADD, channel_.fd(), &interest) != 0) {
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
  if (context_.inputs.tls != nullptr) now = Clock::now();  // checking a certificate takes its time
  const Channel::Result early = channel_.peek();
  if (early.status == Channel::Status::kDone || early.status == Channel::Status::kFailed) {
    note_connected(now);
    return fail_before_sending(early);
  }
  prepare(now);
  const Channel::Result sent = channel_.send(unsent_);
  if (sent.status == Channel::Status::kWait && !connected_) return Step::kBusy;
  if (sent.status == Channel::Status::kFailed && !connected_) {
    const int error = channel_.pending_error();
    return fail_to_connect(error == 0 ? sent.error : error);
  }
  note_connected(now);
  state_ = State::kWriting;
  unsent_.remove_prefix(sent.bytes);
  return write();
}

void Connection::note_connected(base::SteadyTime now) {
  if (context_.window.window().holds(sample_.planned)) {
    context_.stats.connect_us.record(ThreadStats::microseconds(now - connect_began_));
  }
  if (context_.address_answers) return;
  context_.address = address_;
  context_.address_answers = true;
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
  if (context_.address_answers) {  // another connection has found it meanwhile, or it is this one
    return std::exchange(address_, context_.address) != context_.address;
  }
  if (other_addresses_ == 0) return false;
  --other_addresses_;
  address_ = (address_ + 1) % context_.inputs.addresses.size();
  return true;
}

std::string Connection::connect_complaint(int error) const {
  const std::size_t addresses = context_.inputs.addresses.size();
  if (addresses == 1 || context_.address_answers || !is_of_this_address(error)) {
    return fmt::format("cannot connect: {}", channel_.explain(error));
  }
  return fmt::format("cannot connect to any of the {} addresses of {}: {}", addresses,
                     context_.inputs.options.server.host, channel_.explain(error));
}

}  // namespace poolbench::generator
