#include "net/certificate_subject.h"

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::net {

std::vector<std::string> name_parts(const X509_NAME* name, int part) {
  std::vector<std::string> parts;
  int at = -1;
  while ((at = X509_NAME_get_index_by_NID(name, part, at)) >= 0) {
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size >= 0) {
      parts.emplace_back(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
      OPENSSL_free(text);
    }
  }
  ERR_clear_error();
  return parts;
}

Result<WallTime> wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument, "the certificate's validity cannot be read");
  }
  const std::chrono::sys_days day = std::chrono::year(parts.tm_year + 1900) /
                                    std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1) /
                                    std::chrono::day(static_cast<unsigned>(parts.tm_mday));
  // What nanoseconds can count.
  constexpr std::chrono::sys_days kFirst = std::chrono::year(1970) / 1 / 1;
  constexpr std::chrono::sys_days kLast = std::chrono::year(2250) / 1 / 1;
  return WallTime(std::clamp(day, kFirst, kLast)) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

}  // namespace kthena::net
