/** Scripted agents, virtual time, the crash matrix, and what every adapter does, as tests. */
module dev.maestro.testing {
  requires transitive dev.maestro.core;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires jdk.httpserver;
  // only for those who extend a contract
  requires static org.assertj.core;
  requires static org.junit.jupiter.api;

  exports dev.maestro.testing;
  exports dev.maestro.testing.crash;

  opens dev.maestro.testing to
      org.junit.platform.commons;
}
