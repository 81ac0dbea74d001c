//! Nexthink's Data Management API in process: faithful by default, faulty on request.
