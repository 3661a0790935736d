#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/raii.h"

namespace poolbench::e2e {

/// How a program ended: with an exit code or by a signal (the other is unset). Both unset: it was
/// still running when the test lost patience.
struct Ending {
  std::optional<int> code;
  std::optional<int> signal;
  friend bool operator==(const Ending&, const Ending&) = default;
};

/// For the messages of failing tests.
std::ostream& operator<<(std::ostream& stream, const Ending& ending);

inline Ending exited(int code) { return {code, {}}; }
inline Ending killed_by(int signal) { return {{}, signal}; }

/// One run of the poolbench program. It is killed with the object if it still runs.
class Program {
 public:
  /// Starts it with these arguments, in `folder`, where its stdout and stderr go, too.
  /// `environment` is added to the inherited one.
  Program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
          const std::map<std::string, std::string>& environment = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  /// Waits until stderr has `text` for the `times`-th time. False when it ends without, or after
  /// `limit`.
  [[nodiscard]] bool says(std::string_view text, int times = 1,
                          std::chrono::seconds limit = std::chrono::seconds(40)) const;
  void signal(int number) const;
  /// Waits for its end.
  Ending wait(std::chrono::seconds limit = std::chrono::seconds(90));

  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

  /// What is alive of its run: processes with its run id in their environment, and those that work
  /// in its scratch folder. One line each.
  [[nodiscard]] std::vector<std::string> live_processes() const;
  /// The same, once there are none or `patience` is over.
  [[nodiscard]] std::vector<std::string> live_processes_after(
      std::chrono::milliseconds patience) const;
  /// What ends its run id and no other's: "-<pid>-<start>".
  [[nodiscard]] const std::string& run_id_end() const { return run_id_end_; }
  /// The run's scratch folder while it is there.
  [[nodiscard]] std::optional<std::filesystem::path> scratch() const;

 private:
  void start(const std::vector<std::string>& arguments,
             const std::map<std::string, std::string>& environment);

  std::filesystem::path folder_, out_, err_;
  pid_t pid_ = 0;
  base::UniqueFd pidfd_;
  std::string run_id_end_;
  std::optional<Ending> ending_;
};

}  // namespace poolbench::e2e
