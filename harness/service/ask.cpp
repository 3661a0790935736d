#include "service/ask.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/eventfd.h>

#include <atomic>
#include <memory>
#include <thread>

#include "base/raii.h"
#include "process/run_command.h"

namespace poolbench::service {
namespace {

constexpr base::Duration kClockSlack = std::chrono::milliseconds(1);  // of the library's time-outs

// The library's own words are for those who know it: "Connection", "Read".
std::string why_no_answer(httplib::Error error, const base::Endpoint& endpoint,
                          base::Duration limit, base::Duration waited) {
  const std::string place = base::to_text(endpoint);
  const std::string patience = base::approximate_duration(limit);
  switch (error) {
    case httplib::Error::Connection:
      return fmt::format("no answer: nothing accepts connections at {}", place);
    case httplib::Error::ConnectionTimeout:
      return fmt::format("no answer: {} accepted no connection within {}", place, patience);
    case httplib::Error::Read:
      if (waited + kClockSlack >= limit) {
        return fmt::format("no answer from {} within {}", place, patience);
      }
      return fmt::format(
          "no answer: {} closed the connection before a whole HTTP answer had come, or sent no "
          "HTTP",
          place);
    case httplib::Error::Write:
      return fmt::format("no answer: {} closed the connection before it was asked", place);
    case httplib::Error::Canceled:
      return fmt::format("no answer from {} until it was given up", place);
    default:
      return fmt::format("no answer from {}: {}", place, httplib::to_string(error));
  }
}

Answer answer_to(const HttpRequest& request, httplib::Client& client, const Question& question) {
  httplib::Request sent;
  sent.method = request.method;
  sent.path = request.path;
  for (const auto& [name, value] : request.headers) sent.headers.emplace(name, value);
  sent.body = request.body;
  Answer answer;
  const auto began = std::chrono::steady_clock::now();
  const auto result = client.send(sent);
  if (!result) {
    answer.failure = why_no_answer(result.error(), question.endpoint, question.limit,
                                   std::chrono::steady_clock::now() - began);
    return answer;
  }
  answer.status = result->status;
  answer.headers.assign(result->headers.begin(), result->headers.end());
  answer.body = result->body;
  if (!question.worker_header.empty()) {
    answer.worker = result->get_header_value(question.worker_header);
  }
  return answer;
}

}  // namespace

base::Result<std::vector<Answer>> ask(process::Supervisor& supervisor, const Question& question,
                                      const std::vector<process::Child*>& children) {
  const base::UniqueFd all_done(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  std::vector<Answer> answers(question.requests.size());
  std::vector<std::unique_ptr<httplib::Client>> clients;
  for (std::size_t i = 0; i < question.requests.size(); ++i) {
    clients.push_back(
        std::make_unique<httplib::Client>(question.endpoint.host, question.endpoint.port));
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(question.limit);
    clients.back()->set_connection_timeout(microseconds);
    clients.back()->set_read_timeout(microseconds);
  }
  std::atomic<std::size_t> open = question.requests.size();
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back([&, i] {
      // No exception may leave a thread, and an answer may be anything.
      auto answer = base::guarded([&]() -> base::Result<Answer> {
        return answer_to(question.requests[i], *clients[i], question);
      });
      if (answer) {
        answers[i] = std::move(*answer);
      } else {
        answers[i].failure = answer.error().message;
      }
      if (--open == 0) ::eventfd_write(all_done.get(), 1);
    });
  }
  const auto waited = process::wait_until_ready(
      supervisor, "no answer", {}, question.limit + std::chrono::seconds(1),
      [&] { return open == 0; }, {all_done.get()}, children);
  if (!waited) {
    for (const auto& client : clients) client->stop();
  }
  threads.clear();  // joins
  if (!waited) return tl::unexpected(waited.error());
  return answers;
}

}  // namespace poolbench::service
