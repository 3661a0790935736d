// Workers of a server that counts for each of them, asked until all have answered.
#include "service/worker_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <thread>

namespace poolbench::service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Takes turns in answering as one of so many workers.
class Workers {
 public:
  explicit Workers(int count) {
    server_.Get("/stats", [this, count](const httplib::Request&, httplib::Response& response) {
      const int worker = next_++ % count;
      response.set_header("X-Worker", std::to_string(worker));
      response.set_content(std::to_string(10 * worker), "text/plain");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
  }
  ~Workers() {
    while (!server_.is_running()) std::this_thread::sleep_for(1ms);
    server_.stop();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  [[nodiscard]] Question question(base::Duration limit = 5s) const {
    Question question;
    question.server.endpoint = {"127.0.0.1", static_cast<std::uint16_t>(port_)};
    question.limit = limit;
    question.worker_header = "X-Worker";
    return question;
  }

 private:
  httplib::Server server_;
  std::atomic<int> next_ = 0;
  int port_ = 0;
  std::jthread thread_;
};

TEST(WorkerAnswersTest, EachWorkerAnswersOnce) {
  const Workers workers(5);
  WorkerQuestions questions(workers.question(), 5, {"/stats"});
  const auto& answers = questions.answers().at("/stats");
  ASSERT_TRUE(answers.has_value()) << answers.error().message;
  ASSERT_EQ(answers->size(), 5U);
  EXPECT_EQ(answers->at("3").answer.body, "30");
}

TEST(WorkerAnswersTest, SaysWhyTheyAreNotAllThere) {
  const Workers workers(2);
  const auto why = [](const Question& question, int count, const std::string& path) {
    WorkerQuestions questions(question, count, {path});
    const auto& answers = questions.answers().at(path);
    return answers ? std::string("they are") : answers.error().message;
  };
  EXPECT_THAT(why(workers.question(1500ms), 3, "/stats"),
              HasSubstr("only 2 of 3 workers answered /stats"));
  EXPECT_THAT(why(workers.question(), 1, "/none"), HasSubstr("/none was answered with status 404"));
  Question unnamed = workers.question();
  unnamed.worker_header.clear();
  EXPECT_THAT(why(unnamed, 2, "/stats"), HasSubstr("set ready.worker_header"));
  EXPECT_EQ(why(unnamed, 1, "/stats"), "they are");
}

}  // namespace
}  // namespace poolbench::service
