#include "service/target_service.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/eventfd.h>

#include <atomic>
#include <memory>
#include <set>
#include <thread>

#include "base/json.h"
#include "base/placeholder.h"
#include "base/raii.h"
#include "process/run_command.h"

namespace poolbench::service {
namespace {

using std::chrono::steady_clock;
constexpr base::Duration kBetweenAttempts = std::chrono::milliseconds(15);
constexpr const char* kReadinessNonce = "ready";
constexpr std::size_t kShownBytes = 200;
constexpr base::Duration kClockSlack = std::chrono::milliseconds(1);  // of the library's time-outs

std::string shown(const std::string& body) {
  return body.size() <= kShownBytes ? body : body.substr(0, kShownBytes) + "…";
}

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

Answer get(httplib::Client& client, const Question& question) {
  Answer answer;
  const auto began = std::chrono::steady_clock::now();
  const auto result = client.Get(question.path);
  if (!result) {
    answer.failure = why_no_answer(result.error(), question.endpoint, question.limit,
                                   std::chrono::steady_clock::now() - began);
    return answer;
  }
  answer.status = result->status;
  answer.body = result->body;
  if (!question.worker_header.empty()) {
    answer.worker = result->get_header_value(question.worker_header);
  }
  return answer;
}

}  // namespace

std::string fill_request(const std::string& text, const std::string& nonce) {
  return base::fill(text, {{"nonce", nonce}, {"seq", "0"}}).value_or(text);
}

std::string mismatch(const Answer& answer, const scenario::Expectation& expect,
                     const std::string& nonce) {
  if (!answer.failure.empty()) return answer.failure;
  if (answer.status != expect.status) {
    return fmt::format("status {} instead of {}, body: {}", answer.status, expect.status,
                       shown(answer.body));
  }
  const auto wrong = [&](const std::string& wanted) {
    return fmt::format("the body is {} instead of {}", shown(answer.body), wanted);
  };
  if (expect.body && answer.body != *expect.body) return wrong(shown(*expect.body));
  if (expect.json) {
    const auto got = base::parse_json(answer.body);
    if (got.is_discarded() || got != *expect.json) return wrong(expect.json->dump());
  }
  if (expect.contains) {
    const std::string wanted = fill_request(*expect.contains, nonce);
    if (answer.body.find(wanted) == std::string::npos) {
      return wrong("one that contains " + wanted);
    }
  }
  if (expect.length && answer.body.size() != *expect.length) {
    return wrong(fmt::format("one of {} bytes", *expect.length));
  }
  return {};
}

base::Result<std::vector<Answer>> ask(process::Supervisor& supervisor, const Question& question,
                                      const std::vector<process::Child*>& children) {
  const base::UniqueFd all_done(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  std::vector<Answer> answers(static_cast<std::size_t>(question.count));
  std::vector<std::unique_ptr<httplib::Client>> clients;
  for (int i = 0; i < question.count; ++i) {
    clients.push_back(
        std::make_unique<httplib::Client>(question.endpoint.host, question.endpoint.port));
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(question.limit);
    clients.back()->set_connection_timeout(microseconds);
    clients.back()->set_read_timeout(microseconds);
  }
  std::atomic<int> open = question.count;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back([&, i] {
      // No exception may leave a thread, and an answer may be anything.
      auto answer =
          base::guarded([&]() -> base::Result<Answer> { return get(*clients[i], question); });
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

base::Result<TargetService> TargetService::start(process::Supervisor& supervisor,
                                                 const scenario::TargetSettings& settings,
                                                 const TargetPlaces& places) {
  const auto port = base::free_port();
  if (!port) return tl::unexpected(port.error());
  const base::Endpoint endpoint{"127.0.0.1", *port};
  const auto command = serve_command(settings, places, endpoint);
  if (!command) return tl::unexpected(command.error());
  const auto child = supervisor.start(*command);
  if (!child) return tl::unexpected(child.error());
  return TargetService(supervisor, settings, **child, places.database_server, endpoint);
}

const scenario::EndpointSpec& TargetService::measured() const {
  return settings_->spec->endpoints.at(settings_->endpoint);
}

tl::unexpected<base::Error> TargetService::wrong_answer(const std::string& path,
                                                        const std::string& why) const {
  const auto& log = process::log_of(*child_);
  return base::failed(
      fmt::format("the target does not answer {} as it must: {}{}",
                  base::to_text(base::Url{false, endpoint_, path}), why, process::log_excerpt(log)),
      log.string());
}

base::Result<void> TargetService::wait_until_it_answers() {
  const scenario::TargetSpec& spec = *settings_->spec;
  const scenario::EndpointSpec& asked = spec.endpoints.at(spec.ready.endpoint);
  const std::string path = fill_request(asked.path, kReadinessNonce);
  const auto deadline = steady_clock::now() + spec.ready.timeout;
  while (true) {
    const auto now = steady_clock::now();
    const auto answers = ask(
        *supervisor_, {endpoint_, path, std::max<base::Duration>(deadline - now, kBetweenAttempts)},
        watched_);
    if (!answers) return tl::unexpected(answers.error());
    const std::string why = mismatch(answers->front(), asked.expect, kReadinessNonce);
    if (why.empty()) return {};
    if (steady_clock::now() >= deadline) {
      return wrong_answer(path, fmt::format("not ready within {} ({})",
                                            base::approximate_duration(spec.ready.timeout), why));
    }
    bool pause_over = false;
    POOLBENCH_TRY(process::wait_until_ready(
        *supervisor_, "pause", {}, std::chrono::seconds(1),
        [&] { return std::exchange(pause_over, true); }, {}, watched_));
  }
}

base::Result<void> TargetService::wait_until_every_worker_answers() {
  const scenario::TargetSpec::Ready& ready = settings_->spec->ready;
  const int workers = ready.worker_param.empty() || ready.worker_header.empty()
                          ? 1
                          : settings_->params.at(ready.worker_param).get<int>();
  const std::string path = fill_request(measured().path, kReadinessNonce);
  const auto deadline = steady_clock::now() + ready.timeout;
  std::set<std::string> seen;
  while (true) {
    const auto answers = ask(
        *supervisor_, {endpoint_, path, ready.timeout, 2 * workers, ready.worker_header}, watched_);
    if (!answers) return tl::unexpected(answers.error());
    for (const Answer& answer : *answers) {
      const std::string why = mismatch(answer, measured().expect, kReadinessNonce);
      if (!why.empty()) return wrong_answer(path, why);
      seen.insert(answer.worker);
    }
    if (std::ssize(seen) >= workers) return {};
    if (steady_clock::now() >= deadline) {
      return wrong_answer(path, fmt::format("only {} of {} workers answered within {}", seen.size(),
                                            workers, base::approximate_duration(ready.timeout)));
    }
  }
}

base::Result<Answer> TargetService::verify() {
  constexpr const char* kVerifyNonce = "verify-4711";
  const std::string path = fill_request(measured().path, kVerifyNonce);
  const auto answers =
      ask(*supervisor_, {endpoint_, path, settings_->spec->ready.timeout}, watched_);
  if (!answers) return tl::unexpected(answers.error());
  const std::string why = mismatch(answers->front(), measured().expect, kVerifyNonce);
  if (!why.empty()) return wrong_answer(path, why);
  return answers->front();
}

}  // namespace poolbench::service
