#include "e2e/fixture.h"

#include <fcntl.h>
#include <sys/file.h>

#include <thread>

#include "base/file.h"
#include "base/raii.h"
#include "e2e/schema.h"
#include "report/report.h"

namespace poolbench::e2e {
namespace fs = std::filesystem;
namespace {

/// Takes the lock as soon as nobody else has it; opened and empty-handed if that takes too long.
base::UniqueFd take_lock(const char* file, int flags) {
  constexpr mode_t kForEveryUser = 0666;
  constexpr auto kPatience = std::chrono::seconds(60);
  base::UniqueFd lock(::open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, kForEveryUser));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return lock;
}

/// Somebody else's run on this machine would have ours refused.
void await_machine() { take_lock("/tmp/poolbench.lock", 0); }

}  // namespace

E2eTest::E2eTest() : turn_(take_lock("/tmp/poolbench-e2e.lock", O_CREAT)) {}

Program E2eTest::start(const std::vector<std::string>& arguments,
                       const std::map<std::string, std::string>& environment) const {
  await_machine();
  return Program(folder_, arguments, environment);
}

Program E2eTest::run(const fs::path& scenario, const std::vector<std::string>& options,
                     const std::map<std::string, std::string>& environment) const {
  std::vector<std::string> arguments{"run", scenario.string(), "--verbose", "--out",
                                     results().string()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return start(arguments, environment);
}

Program E2eTest::run(const ToyBench& bench, const std::vector<std::string>& options) const {
  return run(write_toy_bench(folder_, bench), options);
}

fs::path E2eTest::report_file() const {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& run : fs::directory_iterator(results(), none)) {
    if (fs::exists(run.path() / "report.json")) found.push_back(run.path() / "report.json");
  }
  EXPECT_EQ(found.size(), 1U) << "reports below " << results();
  return found.empty() ? fs::path() : found.front();
}

const base::Json& E2eTest::report() const {
  const fs::path file = report_file();
  const auto read = report::read_report(file);
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  const std::string text = base::read_file(file).value_or("null");
  EXPECT_EQ(schema_complaints(text), "");
  return reports_.emplace_back(base::Json::parse(text));
}

std::vector<std::string> E2eTest::statuses(const base::Json& report) {
  std::vector<std::string> all;
  for (const auto& cell : report.at("cells")) {
    for (const auto& trial : cell.at("trials"))
      all.push_back(trial.at("status").get<std::string>());
  }
  return all;
}

std::string E2eTest::reasons(const base::Json& trial) { return trial.at("reasons").dump(); }

void E2eTest::expect_nothing_left(const Program& program, std::chrono::milliseconds patience) {
  EXPECT_THAT(program.live_processes_after(patience), testing::IsEmpty());
  EXPECT_EQ(program.scratch(), std::nullopt);
}

}  // namespace poolbench::e2e
