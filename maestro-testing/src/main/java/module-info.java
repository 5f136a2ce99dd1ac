/** Scripted and recorded agents and virtual time, for tests of pipelines. */
module dev.maestro.testing {
  requires transitive dev.maestro.core;
  requires com.fasterxml.jackson.core;

  exports dev.maestro.testing;
}
