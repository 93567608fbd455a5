#include "http/body.h"

#include "async/time.h"

namespace kthena::http {

Pulled BodySource::collect(Buffer& into, std::size_t limit, MemoryBudget* budget) {
  while (true) {
    const Pulled pulled = pull();
    if (pulled.kind != Pulled::Kind::Data) {
      return pulled;
    }
    if (into.size() + pulled.data.size() > limit) {
      return failed(Error(ErrorCode::TooLarge,
                          "the body is larger than " + std::to_string(limit) + " bytes"));
    }
    if (!into) {
      into = Buffer::allocate(pulled.data.size(), budget);
    }
    if (!into || (into.room() < pulled.data.size() &&
                  !into.reserve(2 * (into.size() + pulled.data.size())))) {
      return failed(
          Error(ErrorCode::Unavailable, "no memory left for request bodies; retry later"));
    }
    into.append(pulled.data);
  }
}

namespace {

/// Suspends until the source may get further.
class [[nodiscard]] wait_body : private async::Waiter {
 public:
  explicit wait_body(BodySource& source) noexcept : source_(source) {}
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    if (!begin(handle)) {
      return false;
    }
    source_.subscribe(*this);
    return true;
  }
  Result<> await_resume() const {
    if (outcome() != async::CancelReason::None) {
      return fail(async::cancel_error(outcome()));
    }
    return {};
  }

 private:
  void on_cancel() noexcept override { source_.unsubscribe(*this); }
  BodySource& source_;
};

}  // namespace

async::Task<Result<Buffer>> read_buffer(const Body& body, std::size_t limit, MemoryBudget* budget,
                                        Duration idle) {
  Buffer buffer;
  BodySource* source = body.source();
  if (source == nullptr) {
    if (body.text().size() > limit) {
      co_return fail(ErrorCode::TooLarge,
                     "the body is larger than " + std::to_string(limit) + " bytes");
    }
    buffer = Buffer::allocate(body.text().size(), budget);
    if (!buffer) {
      co_return fail(ErrorCode::Unavailable, "no memory left for request bodies; retry later");
    }
    buffer.append(body.text());
    co_return buffer;
  }
  async::PromiseBase& task = co_await async::this_task();
  async::DeadlineScope limit_scope(task, idle);
  std::size_t before = 0;
  while (true) {
    const Pulled pulled = source->collect(buffer, limit, budget);
    if (pulled.kind == Pulled::Kind::End) {
      co_return buffer;
    }
    if (pulled.kind == Pulled::Kind::Failed) {
      co_return fail(source->error());
    }
    if (buffer.size() != before) {
      before = buffer.size();
      limit_scope.extend(task.context->loop().now() + idle);
    }
    CO_TRY(co_await wait_body(*source));
  }
}

async::Task<Result<std::string>> read_all(const Body& body, std::size_t limit) {
  const auto too_large = [limit] {
    return Error(ErrorCode::TooLarge,
                 "the body is larger than " + std::to_string(limit) + " bytes");
  };
  if (body.source() == nullptr) {
    if (body.text().size() > limit) {
      co_return fail(too_large());
    }
    co_return std::string(body.text());
  }
  if (body.source()->length().value_or(0) > limit) {
    co_return fail(too_large());
  }
  std::string all;
  while (true) {
    const auto data = CO_TRY(co_await next(*body.source()));
    if (!data) {
      co_return all;
    }
    if (all.size() + data->size() > limit) {
      co_return fail(too_large());
    }
    all += *data;
  }
}

}  // namespace kthena::http
