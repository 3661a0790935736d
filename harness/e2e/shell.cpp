#include "e2e/shell.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include "base/file.h"

namespace poolbench::e2e {
namespace fs = std::filesystem;

int ShellTest::bash(const std::string& line) {
  const fs::path script = folder_ / "line.sh";
  std::ofstream(script) << fmt::format("cd '{}'\nset -o pipefail\npoolbench={}\n{}\n",
                                       folder_.string(), POOLBENCH_PROGRAM, line);
  const std::string all = fmt::format("bash '{0}' >'{0}.out' 2>'{0}.err'", script.string());
  const int status = std::system(all.c_str());
  out_ = base::read_file(script.string() + ".out").value_or("");
  err_ = base::read_file(script.string() + ".err").value_or("");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int ShellTest::bash_run(const ToyBench& bench, const std::string& options,
                        const std::string& before) {
  const fs::path scenario = write_toy_bench(folder_, bench);
  EXPECT_EQ(start({"--version"}).wait(), exited(0));  // waits until the machine is free
  return bash(
      fmt::format("{} $poolbench run '{}' --out results {}", before, scenario.string(), options));
}

}  // namespace poolbench::e2e
