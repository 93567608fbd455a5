// What tls_stream.cc and certificate_authority.cc read from a certificate. Not for others: it names
// OpenSSL.
#pragma once

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace kthena::net {

/// All values of one part (NID_organizationName, …) of a name, as UTF-8; what cannot be read is
/// left out.
std::vector<std::string> name_parts(const X509_NAME* name, int part);

/// Errors: InvalidArgument. Times beyond what a WallTime counts are the first or last it can.
Result<WallTime> wall_time(const ASN1_TIME* time);

}  // namespace kthena::net
