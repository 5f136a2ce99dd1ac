/** Scripted and recorded agents, virtual time and the crash matrix, for tests of pipelines. */
module dev.maestro.testing {
  requires transitive dev.maestro.core;
  requires com.fasterxml.jackson.core;

  exports dev.maestro.testing;
  exports dev.maestro.testing.crash;
}
