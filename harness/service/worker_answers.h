#pragma once

#include <future>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "service/requests.h"

// What each worker of a target answers, without anybody waiting for it.

namespace poolbench::service {

/// One answer and when it came.
struct TimedAnswer {
  Answer answer;
  base::SteadyTime at;
};
/// By worker; the one worker of a target without a worker header is called "".
using WorkerAnswers = std::map<std::string, TimedAnswer>;

/// Asks for some paths, each until so many workers have answered with status 200, in a thread of
/// its own.
class WorkerQuestions {
 public:
  /// `question` says who is asked, and how long all of it may take; its requests do not count.
  WorkerQuestions(const Question& question, int workers, const std::vector<std::string>& paths);

  /// Whether answers() need not wait.
  [[nodiscard]] bool are_there() const;

  /// The answers to each path, or why they are not all there. Waits for them, which `question`
  /// limits.
  const std::map<std::string, base::Result<WorkerAnswers>>& answers();

 private:
  std::future<std::map<std::string, base::Result<WorkerAnswers>>> coming_;
  std::map<std::string, base::Result<WorkerAnswers>> answers_;
};

}  // namespace poolbench::service
