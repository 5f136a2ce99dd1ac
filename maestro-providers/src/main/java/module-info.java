/** Coding agents that run as child processes. */
module dev.maestro.providers {
  requires transitive dev.maestro.core;
  requires com.fasterxml.jackson.databind;
  requires org.slf4j;

  exports dev.maestro.providers;
}
