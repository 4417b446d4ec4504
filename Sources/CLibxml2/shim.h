#include <libxml/xmlversion.h>
// With ICU enabled libxml2's headers drag in those of the system's ICU, which clash with the ICU
// inside Swift's Foundation. Only two fields at the end of a structure that we never see are lost.
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/globals.h>

// The version of the library in use, such as 20914; Swift cannot read the global variable itself.
static inline const char *libxml2_version(void) { return xmlParserVersion; }
