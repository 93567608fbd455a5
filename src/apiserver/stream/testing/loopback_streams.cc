#include "apiserver/stream/testing/loopback_streams.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/stream/pod_streams.h"
#include "async/time.h"
#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "http/body.h"

namespace kthena::apiserver::testing {
namespace {

async::Task<Result<int>> cat(ExecClient& client) {
  while (true) {
    const auto bytes = CO_TRY(co_await client.read());
    if (!bytes) {
      co_return 0;
    }
    CO_TRY(co_await client.write_output(*bytes));
  }
}

async::Task<Result<int>> sizes(ExecClient& client, int count) {
  for (int i = 0; i < count; ++i) {
    const TerminalSize size = CO_TRY(co_await client.next_size());
    const std::string text = std::to_string(size.columns) + "x" + std::to_string(size.rows) + "\n";
    CO_TRY(co_await client.write_output(text));
  }
  co_return 0;
}

async::Task<Result<int>> yes(ExecClient& client, int kib) {
  const std::string text(1024, 'y');
  for (int i = 0; i < kib; ++i) {
    CO_TRY(co_await client.write_output(text));
  }
  co_return 0;
}

class Text final : public http::BodySource {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  http::Pulled pull() override {
    if (std::exchange(given_, true) || text_.empty()) {
      return {.kind = http::Pulled::Kind::End, .data = {}};
    }
    return {.kind = http::Pulled::Kind::Data, .data = text_};
  }
  void subscribe(async::Waiter& /*waiter*/) override {}
  void unsubscribe(async::Waiter& /*waiter*/) noexcept override {}

 private:
  std::string text_;
  bool given_ = false;
};

}  // namespace

async::Task<Result<int>> LoopbackStreams::exec(const PodName& /*pod*/, const ExecRequest& request,
                                               ExecClient& client) {
  const std::string program = request.command.empty() ? "" : request.command.front();
  const std::string argument = request.command.size() > 1 ? request.command[1] : "";
  const int number = parse_int<int>(argument).value_or(0);
  if (program == "cat") {
    co_return co_await cat(client);
  }
  if (program == "sizes") {
    co_return co_await sizes(client, number);
  }
  if (program == "yes") {
    co_return co_await yes(client, number);
  }
  if (program == "exit") {
    co_return number;
  }
  if (program == "echo") {
    const std::string text = join(std::span(request.command).subspan(1), " ") + "\n";
    CO_TRY(co_await client.write_output(text));
    co_return 0;
  }
  if (program == "complain") {
    CO_TRY(co_await client.write_output("out"));
    CO_TRY(co_await client.write_error("err"));
    co_return 2;
  }
  if (program == "wait") {
    const auto slept = co_await async::sleep_for(std::chrono::hours(1));
    cancelled += slept ? 0 : 1;
    co_return 0;
  }
  co_return fail(ErrorCode::NotFound, "no such program: " + program);
}

async::Task<Result<std::unique_ptr<net::Stream>>> LoopbackStreams::connect(const PodName& /*pod*/,
                                                                           std::uint16_t port) {
  co_return co_await network_.connect({.ip = pod_address_, .port = port});
}

async::Task<Result<std::unique_ptr<http::BodySource>>> LoopbackStreams::logs(
    const PodName& /*pod*/, const LogRequest& request) {
  const std::size_t all = log_lines.size();
  const std::size_t count = std::min<std::size_t>(request.tail_lines.value_or(all), all);
  std::string text;
  for (std::size_t i = all - count; i < all; ++i) {
    text += log_lines[i] + "\n";
  }
  text.resize(std::min<std::size_t>(request.limit_bytes.value_or(text.size()), text.size()));
  co_return std::unique_ptr<http::BodySource>(std::make_unique<Text>(std::move(text)));
}

}  // namespace kthena::apiserver::testing
