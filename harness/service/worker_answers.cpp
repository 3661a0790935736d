#include "service/worker_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace poolbench::service {
namespace {

using std::chrono::steady_clock;

/// Twice as many requests as workers, at the same time: a kernel that hands connections out evenly
/// reaches all of them at once.
Question round_of(const Question& question, int workers, const std::string& path,
                  base::SteadyTime deadline) {
  Question round = question;
  round.limit =
      std::max<base::Duration>(deadline - steady_clock::now(), std::chrono::milliseconds(1));
  round.requests.assign(2 * static_cast<std::size_t>(workers), HttpRequest{"GET", path, {}, {}});
  return round;
}

base::Result<WorkerAnswers> answers_to(const Question& question, int workers,
                                       const std::string& path, base::SteadyTime deadline) {
  if (workers > 1 && question.worker_header.empty()) {
    return base::failed(
        fmt::format("nothing tells the answers of its {} workers apart: let them "
                    "name themselves in a header, and set ready.worker_header",
                    workers));
  }
  WorkerAnswers all;
  while (true) {
    for (Answer& answer : ask_unwatched(round_of(question, workers, path, deadline))) {
      if (!answer.failure.empty()) return base::failed(std::move(answer.failure));
      constexpr int kOk = 200;
      if (answer.status != kOk) {
        return base::failed(fmt::format("{} was answered with status {}: {}", path, answer.status,
                                        shown(answer.body)));
      }
      std::string worker = answer.worker;
      all.try_emplace(std::move(worker), TimedAnswer{std::move(answer), steady_clock::now()});
    }
    if (std::ssize(all) >= workers) return all;
    if (steady_clock::now() >= deadline) {
      return base::failed(fmt::format("only {} of {} workers answered {} within {}", all.size(),
                                      workers, path, base::approximate_duration(question.limit)));
    }
  }
}

}  // namespace

WorkerQuestions::WorkerQuestions(const Question& question, int workers,
                                 const std::vector<std::string>& paths) {
  // Where the system refuses a thread, they are asked for when they are waited for.
  constexpr auto kPolicy = std::launch::async | std::launch::deferred;
  coming_ = std::async(kPolicy, [question, workers, paths] {
    const auto deadline = steady_clock::now() + question.limit;
    std::map<std::string, base::Result<WorkerAnswers>> all;
    for (const std::string& path : paths) {
      all.try_emplace(path,
                      base::guarded([&] { return answers_to(question, workers, path, deadline); }));
    }
    return all;
  });
}

bool WorkerQuestions::are_there() const {
  return !coming_.valid() ||
         coming_.wait_for(base::Duration::zero()) != std::future_status::timeout;
}

const std::map<std::string, base::Result<WorkerAnswers>>& WorkerQuestions::answers() {
  if (coming_.valid()) answers_ = coming_.get();
  return answers_;
}

}  // namespace poolbench::service
