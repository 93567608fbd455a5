#include "telemetry/line_sink.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "telemetry/line_output.h"
#include "telemetry/record_ring.h"

namespace kthena::telemetry {
namespace {

using namespace std::chrono_literals;

/// What the writer gathers for one write(2).
constexpr std::size_t kBatchBytes = std::size_t{64} << 10;
/// How long lines gather while there is work, and after how many empty turns the writer sleeps
/// until it is woken: then only the first line after a pause costs a system call.
constexpr timespec kNap = {.tv_sec = 0, .tv_nsec = 10'000'000};
constexpr int kEmptyTurns = 20;
constexpr Duration kDropNoticeInterval = 1s;
constexpr Duration kGrace = 200ms;

void futex(const std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* timeout) noexcept {
  ::syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, timeout, nullptr, 0);
}

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Threads started while this lives get no signals: those are for the loops, and a broken pipe is
/// an error of write(2).
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

/// The part that callers and the thread share.
class LineSink::Writer {
 public:
  Writer(LineOutput output, LineSinkOptions options)
      : options_(std::move(options)), ring_(options_.capacity), output_(std::move(output)) {}

  // Callers.
  bool write(std::string_view line) noexcept;
  void request(std::uint32_t what) noexcept;
  bool flush(Duration at_most);
  bool stop(Duration at_most);
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }
  std::uint64_t written() const noexcept { return written_.load(std::memory_order_relaxed); }

  // The thread.
  void run();

  static constexpr std::uint32_t kReopen = 1;
  static constexpr std::uint32_t kFlush = 2;
  static constexpr std::uint32_t kStop = 4;

 private:
  // States of sleep_, on which the kernel waits.
  static constexpr std::uint32_t kAwake = 0;
  static constexpr std::uint32_t kNapping = 1;
  static constexpr std::uint32_t kIdle = 2;

  void wake() noexcept;
  void sleep(std::uint32_t how) noexcept;
  bool write_out();
  void write_batch();
  void tell_of_drops(bool at_end);
  void publish_progress();
  void finish();

  LineSinkOptions options_;
  RecordRing ring_;
  std::atomic<std::uint32_t> sleep_ = kAwake;
  std::atomic<std::uint32_t> requests_ = 0;
  std::atomic<bool> closed_ = false;
  std::atomic<std::uint64_t> dropped_ = 0;
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<Instant> give_up_at_ = Instant::max();

  // The thread's own.
  LineOutput output_;
  std::string batch_;
  std::uint64_t batch_lines_ = 0;
  std::uint64_t drops_told_ = 0;
  Instant next_notice_ = Instant::min();

  std::mutex mutex_;  // of what follows
  std::condition_variable progress_;
  std::uint64_t done_ = 0;  // the ring's position up to which all has been written or given up
  bool finished_ = false;
};

bool LineSink::Writer::write(std::string_view line) noexcept {
  RecordRing::Push pushed = RecordRing::Push::Refused;
  if (!closed_.load(std::memory_order_relaxed)) {
    pushed = ring_.push(line, "\n");
  }
  if (pushed == RecordRing::Push::Refused) [[unlikely]] {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  // The reservation in push() and sleep() are in one order: either the writer saw the reservation
  // before it went to sleep, or its sleep is seen here.
  const std::uint32_t sleep = sleep_.load(std::memory_order_seq_cst);
  if (sleep == kIdle || (sleep == kNapping && pushed == RecordRing::Push::DoneHalfFull))
      [[unlikely]] {
    wake();
  }
  return true;
}

void LineSink::Writer::request(std::uint32_t what) noexcept {
  requests_.fetch_or(what, std::memory_order_seq_cst);
  wake();
}

bool LineSink::Writer::flush(Duration at_most) {
  const std::uint64_t target = ring_.reserved();
  const Instant deadline = std::chrono::steady_clock::now() + at_most;
  std::unique_lock lock(mutex_);
  while (done_ < target && !finished_) {
    request(kFlush);
    if (progress_.wait_until(lock, deadline) == std::cv_status::timeout) {
      break;
    }
  }
  return done_ >= target;
}

/// True when the thread has ended, or is about to; false when it is stuck.
bool LineSink::Writer::stop(Duration at_most) {
  closed_.store(true, std::memory_order_relaxed);
  const Instant deadline = std::chrono::steady_clock::now() + at_most;
  give_up_at_.store(deadline, std::memory_order_relaxed);
  request(kStop);
  std::unique_lock lock(mutex_);
  return progress_.wait_until(lock, deadline + kGrace, [this] { return finished_; });
}

void LineSink::Writer::wake() noexcept {
  if (sleep_.exchange(kAwake, std::memory_order_seq_cst) != kAwake) {
    futex(sleep_, FUTEX_WAKE, 1, nullptr);
  }
}

void LineSink::Writer::sleep(std::uint32_t how) noexcept {
  sleep_.store(how, std::memory_order_seq_cst);
  const bool nothing_to_do = how == kNapping || ring_.reserved() == ring_.taken();
  if (nothing_to_do && requests_.load(std::memory_order_seq_cst) == 0) {
    futex(sleep_, FUTEX_WAIT, how, how == kNapping ? &kNap : nullptr);
  }
  sleep_.store(kAwake, std::memory_order_relaxed);
}

void LineSink::Writer::run() {
  ::pthread_setname_np(::pthread_self(), options_.thread_name.substr(0, 15).c_str());
  int empty_turns = 0;
  std::uint32_t requests = 0;
  while ((requests & kStop) == 0) {
    requests = requests_.exchange(0, std::memory_order_seq_cst);
    if ((requests & kReopen) != 0) {
      output_.reopen();
    }
    empty_turns = write_out() ? 0 : empty_turns + 1;
    tell_of_drops(false);
    if ((requests & kFlush) != 0) {
      publish_progress();
    }
    if ((requests & kStop) == 0) {
      sleep(empty_turns < kEmptyTurns ? kNapping : kIdle);
    }
  }
  finish();
}

/// Writes what was there when it was called. False if there was nothing.
bool LineSink::Writer::write_out() {
  const std::uint64_t target = ring_.reserved();
  bool any = false;
  while (ring_.taken() < target) {
    ring_.drain([this](std::string_view line) {
      if (!batch_.empty() && batch_.size() + line.size() > kBatchBytes) {
        return false;
      }
      batch_ += line;
      ++batch_lines_;
      return true;
    });
    if (batch_.empty()) {
      break;  // the next line is reserved but not published yet
    }
    any = true;
    write_batch();
  }
  return any;
}

void LineSink::Writer::write_batch() {
  const std::size_t taken = output_.write(batch_, give_up_at_);
  std::uint64_t lost = 0;
  if (taken != batch_.size()) {
    lost = std::min(batch_lines_, count_lines(std::string_view(batch_).substr(taken)));
    dropped_.fetch_add(lost, std::memory_order_relaxed);
  }
  written_.fetch_add(batch_lines_ - lost, std::memory_order_relaxed);
  batch_.clear();
  batch_lines_ = 0;
}

void LineSink::Writer::tell_of_drops(bool at_end) {
  const std::uint64_t dropped = dropped_.load(std::memory_order_relaxed);
  if (!options_.drop_notice || dropped == drops_told_) {
    return;
  }
  const Instant now = std::chrono::steady_clock::now();
  if (!at_end && now < next_notice_) {
    return;
  }
  next_notice_ = now + kDropNoticeInterval;
  const std::string notice = options_.drop_notice(dropped - drops_told_) + '\n';
  if (output_.write(notice, give_up_at_) == notice.size()) {
    drops_told_ = dropped;
  }
}

void LineSink::Writer::publish_progress() {
  {
    const std::lock_guard lock(mutex_);
    done_ = ring_.taken();
  }
  progress_.notify_all();
}

void LineSink::Writer::finish() {
  // Callers that were between the check of closed_ and the publication get their time.
  while (ring_.taken() != ring_.reserved()) {
    if (!write_out()) {
      if (std::chrono::steady_clock::now() >= give_up_at_.load(std::memory_order_relaxed)) {
        break;
      }
      std::this_thread::yield();
    }
  }
  tell_of_drops(true);
  {
    const std::lock_guard lock(mutex_);
    done_ = ring_.taken();
    finished_ = true;
  }
  progress_.notify_all();
}

Result<std::unique_ptr<LineSink>> LineSink::create(std::string destination,
                                                   LineSinkOptions options) {
  auto writer =
      std::make_shared<Writer>(TRY(LineOutput::open(std::move(destination))), std::move(options));
  std::unique_ptr<LineSink> sink(new LineSink(writer));
  const SignalsBlocked blocked;
  try {
    sink->thread_ = std::thread([writer] { writer->run(); });
  } catch (const std::system_error& error) {
    return fail(ErrorCode::Unavailable, std::string("starting a thread: ") + error.what());
  }
  return sink;
}

LineSink::LineSink(std::shared_ptr<Writer> writer) : writer_(std::move(writer)) {}

LineSink::~LineSink() { close(1s); }

bool LineSink::write(std::string_view line) noexcept { return writer_->write(line); }

void LineSink::reopen() noexcept { writer_->request(Writer::kReopen); }

bool LineSink::flush(Duration at_most) { return writer_->flush(at_most); }

void LineSink::close(Duration at_most) {
  if (!thread_.joinable()) {
    return;
  }
  if (writer_->stop(at_most)) {
    thread_.join();
  } else {
    thread_.detach();  // stuck in the kernel; it keeps what it uses
  }
}

std::uint64_t LineSink::dropped() const noexcept { return writer_->dropped(); }
std::uint64_t LineSink::written() const noexcept { return writer_->written(); }

}  // namespace kthena::telemetry
