"""What other programs call: health, REST and FHIR."""
